//! Images of several layers: their files are those of one layer with all of it.

use super::*;

/// [`TREE`] in two parts that share directories.
const LOWER: &str = "\
    /etc dir mode=700\n\
    /etc/l symlink ../bin/b\n\
    /tmp dir mode=1777\n\
    /tmp/big file 100000\n";
const UPPER: &str = "\
    /bin dir\n\
    /bin/a hardlink /bin/b\n\
    /bin/b file 3 mode=4755\n\
    /tmp dir mode=1777\n\
    /tmp/c file 3 owner=7:8 xattr=user.k:v\n";

fn layered(store: &Store, parts: &[&str]) -> Image {
    let trees: Vec<_> = parts.iter().map(|part| tree(part)).collect();
    Image::single(image_of_layers(store, &trees, "linux/amd64", "/a"))
}

fn whole() -> String {
    format!("{TREE}/tmp/c file 3 owner=7:8 xattr=user.k:v\n")
}

#[test]
fn every_sink_holds_what_one_layer_would() {
    for transport in ["oci", "oci-archive", "docker-archive", "rootfs", "tar"] {
        let place = tempfile::tempdir().unwrap();
        let store = Store::temporary(place.path()).unwrap();
        let seen = |parts: &[&str], name: &str| {
            let reference = format!("{transport}:{}", place.path().join(name).display());
            put(&layered(&store, parts), &reference, None).unwrap();
            let files = files(&open(&reference).unwrap());
            let listing = files.list().unwrap();
            let mut contents = String::new();
            let visit = &mut |path: &scant_core::words::TreePath,
                              listed: &images::Listed,
                              content: &mut dyn std::io::Read| {
                let digest = {
                    let mut bytes = Vec::new();
                    content.read_to_end(&mut bytes)?;
                    Digest::of(&bytes)
                };
                writeln!(contents, "{path} {digest} {:?} {}", listed.xattrs, listed.mtime).unwrap();
                Ok(())
            };
            files.visit(&listing, visit).unwrap();
            let mut contents: Vec<_> = contents.lines().map(str::to_string).collect();
            contents.sort();
            (text(&listing), contents)
        };
        let one = seen(&[&whole()], "one");
        assert!(one.0.contains("/bin/b 4755 ") && one.1.len() == 3, "{one:?}");
        assert_eq!(seen(&[LOWER, UPPER], "two"), one, "{transport}");
        assert_eq!(seen(&[UPPER, LOWER], "turned"), one, "{transport}");
    }
}

#[test]
fn an_archive_of_files_has_each_once_and_links_after_their_files() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::temporary(place.path()).unwrap();
    let file = place.path().join("files.tar");
    put(&layered(&store, &[LOWER, UPPER]), &format!("tar:{}", file.display()), None).unwrap();
    let mut archive = ::tar::Archive::new(fs::File::open(file).unwrap());
    let entries = archive.entries().unwrap();
    let name = |entry: ::tar::Entry<'_, _>| entry.path().unwrap().display().to_string();
    let names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
    assert_eq!(names, ["bin/", "etc/", "etc/l", "tmp/", "tmp/big", "bin/a", "tmp/c", "bin/b"]);
}

#[test]
fn plain_files_are_identified_by_the_chain_id_of_their_layers() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::temporary(place.path()).unwrap();
    let digest = |image: &Image, to: &str| {
        put(image, &format!("{to}:{}", place.path().join(to).display()), None).unwrap().digest
    };
    let (one, two) = (layered(&store, &[&whole()]), layered(&store, &[LOWER, UPPER]));
    let diff_ids: Vec<_> = two.platforms[0].layers.iter().map(|layer| layer.diff_id.0).collect();
    let chain_id = Digest::of(format!("{} {}", diff_ids[0], diff_ids[1]).as_bytes());
    assert_eq!(digest(&two, "tar"), chain_id);
    assert_eq!(digest(&two, "rootfs"), chain_id);
    assert_eq!(digest(&two, "oci"), two.top().descriptor.digest);
    assert_eq!(digest(&one, "tar"), one.platforms[0].layers[0].diff_id.0);
}
