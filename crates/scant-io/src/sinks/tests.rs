//! One suite for every sink: a tree in, the published files as text out. Then what each sink
//! promises besides.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use scant_core::formats::oci::RunConfig;
use scant_core::formats::provenance;
use scant_core::plan::assemble::{self, Recipe};
use scant_core::words::{Platform, Tree};

mod engine;
mod layers;
mod tools;

use super::*;
use crate::blobs::Store;
use crate::images::{self, Files, Listing, Opened};
use crate::layer;
use crate::testing::{Memory, tree};

const TREE: &str = "\
    /bin dir\n\
    /bin/a hardlink /bin/b\n\
    /bin/b file 3 mode=4755\n\
    /etc dir mode=700\n\
    /etc/l symlink ../bin/b\n\
    /tmp dir mode=1777\n\
    /tmp/big file 100000\n";

const LISTING: &str = "\
    /bin 0755 0:0 directory\n\
    /bin/a 4755 0:0 file 3\n\
    /bin/b 4755 0:0 hard link to /bin/a\n\
    /etc 0700 0:0 directory\n\
    /etc/l 0777 0:0 link to ../bin/b\n\
    /tmp 1777 0:0 directory\n\
    /tmp/big 0644 0:0 file 100000\n";

fn platform_image(store: &Store, tree: &Tree, platform: &str, cmd: &str) -> PlatformImage {
    image_of_layers(store, std::slice::from_ref(tree), platform, cmd)
}

/// An image of a layer for each tree, lowest first; the provenance is that of the first alone.
fn image_of_layers(store: &Store, trees: &[Tree], platform: &str, cmd: &str) -> PlatformImage {
    let mut memory = Memory::default();
    memory.insert("/bin/b", b"abc");
    memory.insert("/tmp/big", &[b'x'; 100_000]);
    memory.insert("/tmp/c", b"def");
    let inputs = memory.inputs();
    let options = layer::Options {
        compression: layer::Compression::default(),
        threads: 2,
        mtime: 7,
        progress: &|_| (),
        slot: None,
    };
    let write = |tree| layer::write(tree, &inputs, store, &options).unwrap();
    let layers: Vec<_> = trees.iter().map(write).collect();
    let platform: Platform = platform.parse().unwrap();
    let config = RunConfig { cmd: Some(vec![cmd.into()]), ..RunConfig::default() };
    let assembled = assemble::image(&Recipe {
        platform,
        layers: &layers.iter().map(|l| l.to_layer("scant build")).collect::<Vec<_>>(),
        config: &config,
        annotations: &Default::default(),
        epoch: 7,
    });
    PlatformImage::new(assembled, layers, Some(provenance::encode(&trees[0], platform)))
}

fn image(store: &Store, cmd: &str) -> Image {
    Image::single(platform_image(store, &tree(TREE), "linux/amd64", cmd))
}

fn put(image: &Image, reference: &str, name: Option<&str>) -> Result<Published, SinkError> {
    let (reference, name) = (reference.parse().unwrap(), name.map(|name| name.parse().unwrap()));
    publish(
        image,
        &Output {
            reference: &reference,
            name: name.as_ref(),
            mtime: 7,
            existing: Existing::Refuse,
            docker_host: None,
            registries: None,
            cache: None,
        },
    )
}

fn open(text: &str) -> Result<Opened, images::OpenError> {
    images::open(&ImageReference::parse_or_path(text).unwrap())
}

fn opened_image(text: &str) -> Image {
    match open(text).unwrap() {
        Opened::Image(image) => image,
        Opened::Files(_) => panic!("{text} is no image"),
    }
}

fn files(opened: &Opened) -> Files {
    match opened {
        Opened::Image(image) => Files::of(&image.platforms[0]),
        Opened::Files(files) => files.clone(),
    }
}

fn text(listing: &Listing) -> String {
    let mut text = String::new();
    for (path, listed) in listing.iter() {
        let images::Listed { mode, uid, gid, kind, .. } = listed;
        writeln!(text, "{path} {mode} {uid}:{gid} {kind}").unwrap();
    }
    text
}

/// The owner of a new directory, as listings show it.
fn owner(directory: &Path) -> String {
    use std::os::unix::fs::MetadataExt;
    let metadata = directory.metadata().unwrap();
    format!(" {}:{} ", metadata.uid(), metadata.gid())
}

/// What is in a directory, without what is in its directories.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_a_sink_publishes_can_be_read_back() {
    for transport in ["oci", "oci-archive", "docker-archive", "rootfs", "tar"] {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let reference = format!("{transport}:{}", out.display());
        {
            let store = Store::beside(&out).unwrap();
            let published = put(&image(&store, "/a"), &reference, Some("n/x:1")).unwrap();
            match (transport, rustix::process::geteuid().is_root()) {
                ("rootfs", false) => {
                    let note = "owners could not be set, which needs root; these belong to you: \
                                `/tmp/big` and 5 more";
                    assert_eq!(published.notes, [note]);
                }
                _ => assert_eq!(published.notes, [""; 0], "{transport}"),
            }
        }
        // Nothing unfinished stays.
        assert_eq!(names(place.path()), ["out"], "{transport}");
        // By its transport, and by its path alone.
        for text_in in [reference.clone(), out.display().to_string()] {
            let opened = open(&text_in).unwrap();
            let files = files(&opened);
            let listing = files.list().unwrap();
            let listed = match transport {
                // Without root the files are those of whoever runs this.
                "rootfs" => text(&listing).replace(&owner(place.path()), " 0:0 "),
                _ => text(&listing),
            };
            assert_eq!(listed, LISTING, "{text_in}");
            assert!(listing.iter().all(|(_, listed)| listed.mtime == 7), "{text_in}");
            let path = scant_core::words::TreePath::literal("/bin/b");
            assert_eq!(files.read(&listing, &path, 3).unwrap().unwrap(), b"abc");
            if let Opened::Image(image) = opened {
                let artifact = image.platforms[0].provenance.as_ref().unwrap();
                let document = provenance::decode(&artifact.document).unwrap();
                assert_eq!(document.nodes.len(), listing.len());
            }
        }
    }
}

#[test]
fn publishing_twice_gives_the_same_bytes() {
    for transport in ["oci-archive", "docker-archive", "tar"] {
        let place = tempfile::tempdir().unwrap();
        let store = Store::temporary(place.path()).unwrap();
        let write = |name: &str| {
            let path = place.path().join(name);
            put(&image(&store, "/a"), &format!("{transport}:{}", path.display()), None).unwrap();
            fs::read(path).unwrap()
        };
        assert!(write("first") == write("second"), "{transport}");
    }
}

#[test]
fn a_copy_of_an_image_is_the_same_image() {
    let place = tempfile::tempdir().unwrap();
    let at = |text: &str| text.replace("DIR", &place.path().display().to_string());
    let store = Store::temporary(place.path()).unwrap();
    let (a, b) = ("linux/amd64", "linux/arm/v7");
    let platforms = [a, b].map(|p| platform_image(&store, &tree(TREE), p, "/a")).to_vec();
    let manifests = platforms.iter().map(|p| p.manifest.descriptor.clone()).collect();
    let index = Some(assemble::index(manifests, &Default::default()));
    let image = Image { platforms, index, others: Vec::new() };
    let first = put(&image, &at("oci:DIR/a:v1"), None).unwrap();
    let mut from = at("oci:DIR/a:v1");
    for to in ["oci-archive:DIR/b", "docker-archive:DIR/c:n/x:1", "oci:DIR/d:other"] {
        let published = put(&opened_image(&from), &at(to), None).unwrap();
        assert_eq!(published.digest, first.digest, "{to}");
        from = at(to);
    }
    let copied = opened_image(&from);
    let arm = images::pick(&copied, Some(b.parse().unwrap())).unwrap();
    assert_eq!(arm.platform(), b);
    assert!(copied.platforms.iter().all(|platform| platform.provenance.is_some()));
    let error = images::pick(&copied, Some("linux/s390x".parse().unwrap())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the image is not made for linux/s390x; there is: linux/amd64, linux/arm/v7"
    );
    let error = put(&copied, &at("rootfs:DIR/r"), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        at("rootfs:DIR/r holds files of one platform, and the image has several: linux/amd64, \
            linux/arm/v7")
    );
}

#[test]
fn a_layout_keeps_other_tags_and_replaces_its_own() {
    let place = tempfile::tempdir().unwrap();
    let at = |text: &str| text.replace("DIR", &place.path().display().to_string());
    let store = Store::temporary(place.path()).unwrap();
    for (cmd, tag) in [("/a", "one"), ("/b", "two"), ("/c", "one")] {
        put(&image(&store, cmd), &at(&format!("oci:DIR/l:{tag}")), Some("x")).unwrap();
    }
    let cmd = |tag: &str| {
        let image = opened_image(&at(&format!("oci:DIR/l:{tag}")));
        String::from_utf8(image.platforms[0].config.bytes.clone()).unwrap()
    };
    assert!(cmd("one").contains(r#""Cmd":["/c"]"#) && cmd("two").contains(r#""Cmd":["/b"]"#));
    assert_eq!(names(&place.path().join("l")), ["blobs", "index.json", "oci-layout"]);
    let case = |reference: &str, expected: &str| {
        assert_eq!(open(&at(reference)).unwrap_err().to_string(), at(expected));
    };
    case("oci:DIR/l", "`DIR/l` holds several images, name one of them by its tag: one, two");
    case("oci:DIR/l:no", "`DIR/l` has no image tagged `no`; there is: one, two");
}

#[test]
fn what_is_in_the_way_is_named_and_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let at = |text: &str| text.replace("DIR", &place.path().display().to_string());
    let store = Store::temporary(place.path()).unwrap();
    let image = image(&store, "/a");
    fs::create_dir(place.path().join("full")).unwrap();
    fs::write(place.path().join("full/file"), "kept").unwrap();
    fs::write(place.path().join("file"), "kept").unwrap();
    let case = |reference: &str, expected: &str| {
        let error = put(&image, &at(reference), None).unwrap_err().to_string();
        assert!(error.starts_with(&at(expected)), "{error}");
        assert_eq!(fs::read(place.path().join("full/file")).unwrap(), b"kept");
        assert_eq!(fs::read(place.path().join("file")).unwrap(), b"kept");
        assert_eq!(names(&place.path().join("full")), ["file"]);
    };
    case("rootfs:DIR/full", "`DIR/full` is there already and is not empty");
    case("rootfs:DIR/file", "`DIR/file` is there already and is not a directory");
    case("oci:DIR/full", "`DIR/full` is there already and is not an OCI image layout: it has no");
    case("oci-archive:DIR/full", "`DIR/full` is there already and is a directory, not a file");
    case("tar:DIR/no/such", "cannot write `DIR/no/such`: ");
    case("docker://x", "docker://docker.io/library/x: this version cannot write to docker://");
}

#[test]
fn an_archive_replaces_files_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let store = Store::temporary(place.path()).unwrap();
    let image = image(&store, "/a");
    fs::write(at("old.tar"), "old").unwrap();
    std::os::unix::fs::symlink("old.tar", at("link.tar")).unwrap();
    std::os::unix::fs::symlink("nowhere.tar", at("dangling.tar")).unwrap();
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), fifo, 0o600.into(), 0).unwrap();
    for transport in ["oci-archive", "docker-archive", "tar"] {
        let put = |name: &str| {
            let published = put(&image, &format!("{transport}:{}", at(name).display()), None);
            published.map(|_| ()).map_err(|error| error.to_string())
        };
        // A link stays, and what it links to is replaced.
        assert_eq!(put("link.tar"), Ok(()), "{transport}");
        assert!(fs::symlink_metadata(at("link.tar")).unwrap().is_symlink());
        assert_ne!(fs::read(at("old.tar")).unwrap(), b"old");
        let refused = put("dangling.tar").unwrap_err();
        assert!(refused.ends_with("a link that leads to no file"), "{refused}");
        let refused = put("fifo").unwrap_err();
        assert!(refused.ends_with("a device, FIFO or socket, not a file"), "{refused}");
    }
}

#[test]
fn a_failed_output_leaves_the_old_one() {
    let place = tempfile::tempdir().unwrap();
    let at = |text: &str| text.replace("DIR", &place.path().display().to_string());
    let store = Store::temporary(place.path()).unwrap();
    let good = image(&store, "/a");
    let outputs = ["oci:DIR/o", "oci-archive:DIR/a", "docker-archive:DIR/d", "tar:DIR/t"];
    for output in outputs {
        put(&good, &at(output), None).unwrap();
    }
    let mut bad = image(&store, "/b");
    let layer = bad.platforms[0].layers[0].blob.clone();
    fs::write(layer.path(), "damaged").unwrap();
    bad.platforms[0].layers[0].blob =
        crate::blobs::Blob::in_file(layer.path(), 0, Digest::of(b"other"), layer.size());
    let before = fs::read(place.path().join("o/index.json")).unwrap();
    for output in outputs {
        let error = put(&bad, &at(output), None).unwrap_err().to_string();
        assert!(error.contains("damaged: ") || error.contains("layer 1 of"), "{error}");
        let files = files(&open(&at(output)).unwrap());
        assert_eq!(text(&files.list().unwrap()), LISTING, "{output}");
    }
    assert_eq!(fs::read(place.path().join("o/index.json")).unwrap(), before);
    put(&bad, &at("rootfs:DIR/r"), None).unwrap_err();
    assert!(!place.path().join("r").exists());
}

#[test]
fn a_directory_is_replaced_as_a_whole_when_asked() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::temporary(place.path()).unwrap();
    let directory = place.path().join("r");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("old"), "").unwrap();
    let reference = format!("rootfs:{}", directory.display()).parse().unwrap();
    let output = Output {
        reference: &reference,
        name: None,
        mtime: 0,
        existing: Existing::Replace,
        docker_host: None,
        registries: None,
        cache: None,
    };
    publish(&image(&store, "/a"), &output).unwrap();
    assert_eq!(names(&directory), ["bin", "etc", "tmp"]);
}
