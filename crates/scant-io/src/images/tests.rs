//! Layers in, what a container would see or why not out.

use scant_core::formats::tar::{END, EntryType, Header, padding};
use scant_core::words::{Escaped, Input as _, Meta, Mode, Root as _};

use super::overlay::Overlay;
use super::tar_reader::{Stream, TarEntry, TarReader};
use super::*;

/// An archive from lines: `NAME/`, `NAME CONTENT`, `NAME -> TARGET`, `NAME = FILE`.
fn tar(lines: &str) -> Vec<u8> {
    let mut archive = Vec::new();
    for line in lines.lines().map(str::trim) {
        let (name, entry_type, link, content) = if let Some((name, link)) = line.split_once(" -> ")
        {
            (name, EntryType::Symlink, link, "")
        } else if let Some((name, link)) = line.split_once(" = ") {
            (name, EntryType::HardLink, link, "")
        } else if line.ends_with('/') {
            (line, EntryType::Directory, "", "")
        } else {
            let (name, content) = line.split_once(' ').unwrap_or((line, ""));
            (name, EntryType::File, "", content)
        };
        let meta = &Meta::new(Mode::EXECUTABLE);
        let (name, link, size) = (name.as_bytes(), link.as_bytes(), content.len() as u64);
        archive.extend(Header { name, entry_type, link, size, meta, mtime: 0 }.encode());
        archive.extend(content.as_bytes());
        archive.extend(&END[..padding(size)]);
    }
    archive.extend(END);
    archive
}

fn seen(layers: &[&[u8]]) -> Result<String, String> {
    let mut overlay = Overlay::default();
    for (number, layer) in layers.iter().enumerate() {
        let mut archive = TarReader::new(Stream(*layer));
        let mut count = 0;
        while let Some(entry) = archive.next().map_err(|error| error.to_string())? {
            overlay.apply(entry, (number, count))?;
            count += 1;
        }
    }
    let shown = |(path, listed): (&scant_core::words::TreePath, &Listed)| {
        format!("{path} {}\n", listed.kind)
    };
    Ok(overlay.finish()?.iter().map(shown).collect())
}

#[track_caller]
fn case(layers: &[&str], expected: &str) {
    let layers: Vec<_> = layers.iter().map(|lines| tar(lines)).collect();
    let layers: Vec<_> = layers.iter().map(|layer| &layer[..]).collect();
    let shown = seen(&layers).unwrap_or_else(|error| format!("error: {error}"));
    assert_eq!(shown, expected);
}

#[test]
fn whiteouts_hide_what_lies_below() {
    case(&["a/\na/b 1\nc 1", "a/\na/.wh.b\n.wh.c"], "/a directory\n");
    case(&["a/\na/b 1", ".wh.a"], "");
    case(&["a/\na/b 1", "a/\na/.wh..wh..opq\na/c 1"], "/a directory\n/a/c file 1\n");
    // A whiteout does not hide its own layer, wherever it stands in it.
    case(&["a/\na/b 1", "a/\na/c 12\na/.wh..wh..opq"], "/a directory\n/a/c file 2\n");
    case(&["a 1", "a 12\n.wh.a"], "/a file 2\n");
}

#[test]
fn later_layers_replace_earlier_ones() {
    case(&["a 1", "a 12"], "/a file 2\n");
    case(&["a/\na/b 1", "a 12"], "/a file 2\n");
    case(&["a -> b\nb/", "a/\na/c 1"], "/a directory\n/a/c file 1\n/b directory\n");
    case(&["usr/\nlib -> usr", "lib/x 1"], "/lib link to usr\n/usr directory\n/usr/x file 1\n");
}

#[test]
fn names_of_one_file_are_told_apart_from_copies() {
    case(&["b 1\na = b\nc 1"], "/a file 1\n/b hard link to /a\n/c file 1\n");
    case(&["b -> c\na = b"], "/a link to c\n/b link to c\n");
    // What remains of a file is a file.
    case(&["b 1\na = b", ".wh.a"], "/b file 1\n");
    case(&["b 1", "a = b\n.wh.b"], "/a file 1\n");
}

#[test]
fn names_are_normalised_and_parents_are_there() {
    case(&["./\n./a 1\n/b/c 1"], "/a file 1\n/b directory\n/b/c file 1\n");
}

#[test]
fn hostile_layers_are_refused() {
    case(&["../a 1"], "error: a name is refused: `/../a` contains `..`");
    case(&["a = ../../etc/passwd"], "error: a name is refused: `/../../etc/passwd` contains `..`");
    case(&["a = b"], "error: `/a` is a hard link to `/b`, which is no file of the image");
    case(&["a = /"], "error: `/a` is a hard link to `/`, which is no file of the image");
    case(&["a -> a\na/b 1"], "error: `/a/b` lies behind too many symbolic links");
    case(&["a 1\na/b 1"], "error: `/a/b` lies below `/a`, which is a file");
    // A link out of the image stays in it.
    case(&["a -> ../../x\na/b 1"], "/a link to ../../x\n/x directory\n/x/b file 1\n");
}

/// An entry with attributes of this many bytes.
fn heavy(name: &str, flag: u8, link: &str, attribute: usize) -> TarEntry {
    let xattrs = [("user.a".to_string(), vec![0; attribute].into())].into();
    let (name, link) = (name.into(), link.into());
    TarEntry { name, link, flag, xattrs, ..TarEntry::default() }
}

#[test]
fn layers_that_take_too_much_memory_are_refused() {
    let refused = "its names and attributes take more than 2 MiB";
    let case = |entries: &mut dyn Iterator<Item = TarEntry>| {
        let mut overlay = Overlay::bounded(2 << 20);
        let mut numbered = (0..).zip(entries);
        let applied = numbered.try_for_each(|(number, entry)| overlay.apply(entry, (0, number)));
        let finished = applied.and_then(|()| overlay.finish());
        assert_eq!(finished.map(|listing| listing.len()), Err(refused.into()));
    };
    // Each name of a file repeats its attributes, and is a small entry itself.
    let names = (1..100).map(|number| heavy(&number.to_string(), b'1', "a", 0));
    case(&mut [heavy("a", b'0', "", 100_000)].into_iter().chain(names));
    // Each path has directories above it that no entry lists, and is walked down.
    case(&mut [heavy(&"a/".repeat(1000), b'5', "", 0)].into_iter());
    case(&mut (0..200).map(|number| heavy(&format!("{number}/{}", "a/".repeat(400)), b'5', "", 0)));
    let long = "a/".repeat(2049);
    let apply = |entry| Overlay::default().apply(entry, (0, 0));
    let name = "a name is refused: it has more than 4096 bytes";
    assert_eq!(apply(heavy(&long, b'5', "", 0)), Err(name.into()));
    let link = "the link `/a` holds more than 4096 bytes";
    assert_eq!(apply(heavy("a", b'2', &long, 0)), Err(link.into()));
}

#[test]
fn a_layer_cannot_ask_for_more_memory_than_128_mib() {
    // An empty zstd frame: magic, no options, the window's size as a power of two, an empty block.
    let frame = |power: u8| [0x28, 0xb5, 0x2f, 0xfd, 0, (power - 10) << 3, 1, 0, 0];
    let read = |power: u8| {
        let mut bytes = Vec::new();
        let plain = plain(Box::new(std::io::Cursor::new(frame(power))));
        plain.and_then(|mut plain| std::io::Read::read_to_end(&mut plain, &mut bytes))
    };
    assert_eq!(read(27).map_err(|error| error.to_string()), Ok(0));
    let error = read(28).unwrap_err().to_string();
    assert!(error.contains("requires too much memory"), "{error}");
}

#[test]
fn damaged_archives_end_in_an_error() {
    let whole = tar("file content");
    let case = |archive: &[u8], expected: &str| {
        assert_eq!(seen(&[archive]).unwrap_or_else(|error| format!("error: {error}")), expected);
    };
    case(&whole[..512 + 3], "error: unexpected end of file");
    case(&whole[..100], "error: the archive ends within a header");
    case(&whole[..1024], "/file file 7\n");
    case(&whole[..512 + 7], "/file file 7\n");
    case(&[b'x'; 512], "error: not a tar archive, or damaged: a header has a wrong checksum");
    let extended = |flag, size: u64, body: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(flag);
        header.set_size(size);
        header.set_cksum();
        let mut archive = header.as_bytes().to_vec();
        archive.extend(body);
        archive.resize(archive.len().next_multiple_of(512), 0);
        archive.extend(&whole);
        archive
    };
    use tar::EntryType as T;
    let large = "error: the extended headers of an entry are larger than 1 MiB";
    case(&extended(T::XHeader, 1 << 40, b""), large);
    case(&extended(T::GNULongName, 1 << 40, b""), large);
    case(&extended(T::GNULongLink, 1 << 21, b""), large);
    case(&extended(T::XHeader, 3, b"999"), "error: a PAX record is damaged");
    case(&extended(T::XHeader, 9, b"9 size=x\n"), "error: a PAX record holds no valid number");
    let largest = b"29 size=18446744073709551615\n";
    case(&extended(T::XHeader, 29, largest), "error: an entry is too large");
    case(&extended(T::new(b'0'), u64::MAX, b""), "error: an entry is too large");
    case(&extended(T::GNULongName, 5, b"/long"), "/long file 7\n");
    case(&extended(T::XHeader, 10, b"10 path=p\n"), "/p file 7\n");
    case(&extended(T::XGlobalHeader, 10, b"10 path=p\n"), "/file file 7\n");
}

#[test]
fn a_classic_archive_of_docker_save_is_read() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.tar");
    let layer = tar("bin/\nbin/a 1");
    let diff_id = scant_core::words::Digest::of(&layer);
    let config = format!(
        "{{\"architecture\":\"arm64\",\"variant\":\"v8\",\"os\":\"linux\",\"rootfs\":{{\"type\":\
         \"layers\",\"diff_ids\":[\"{diff_id}\",\"{diff_id}\"]}}}}"
    );
    let manifest = "[{\"Config\":\"c.json\",\"RepoTags\":[\"x:1\"],\"Layers\":[\"1/layer.tar\",\
                    \"2/layer.tar\"]}]";
    let mut archive = Vec::new();
    let mut member = |name: &str, content: &[u8], link: &str| {
        let entry_type = if link.is_empty() { EntryType::File } else { EntryType::Symlink };
        let (size, meta) = (content.len() as u64, &Meta::new(Mode::FILE));
        let (name, link) = (name.as_bytes(), link.as_bytes());
        archive.extend(Header { name, entry_type, link, size, meta, mtime: 0 }.encode());
        archive.extend(content);
        archive.extend(&END[..padding(size)]);
    };
    member("1/layer.tar", &layer, "");
    member("2/layer.tar", b"", "../1/layer.tar");
    member("c.json", config.as_bytes(), "");
    member("manifest.json", manifest.as_bytes(), "");
    std::fs::write(&path, &archive).unwrap();
    let shown = |reference: &str| {
        let argument = ImageReference::parse_or_path(reference).unwrap();
        let opened = open(&argument).map_err(|error| error.to_string())?;
        let Opened::Image(image) = opened else { return Err("no image".to_string()) };
        let platform = pick(&image, Some("linux/arm64".parse().unwrap())).unwrap();
        let listing = Files::of(platform).list().map_err(|error| error.to_string())?;
        Ok(listing.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>().join(" "))
    };
    let reference = format!("docker-archive:{}", path.display());
    assert_eq!(shown(&reference), Ok("/bin /bin/a".into()));
    assert_eq!(shown(&format!("{reference}:docker.io/library/x:1")), Ok("/bin /bin/a".into()));
    assert_eq!(shown(&path.display().to_string()), Ok("/bin /bin/a".into()));
    let missing = format!("`{}` has no image tagged `y:latest`; there is: x:1", path.display());
    assert_eq!(shown(&format!("{reference}:y")), Err(missing));
    // A layer that is not what the config says.
    let at = archive.windows(5).position(|window| window == b"bin/a").unwrap();
    archive[at + 512] = b'2';
    std::fs::write(&path, &archive).unwrap();
    let error = shown(&reference).unwrap_err();
    assert!(error.contains("its diff ID is sha256:") && error.contains("layer 1 of"), "{error}");
}

#[test]
fn damaged_layouts_say_what_is_wrong() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    let shown = || {
        let reference = format!("oci:{}", root.display()).parse().unwrap();
        let error = open(&ImageArgument::Reference(reference)).unwrap_err().to_string();
        error.replace(&root.display().to_string(), "DIR")
    };
    assert_eq!(shown(), "`DIR` is not an OCI image layout: it has no `oci-layout`");
    std::fs::write(root.join("oci-layout"), "{\"imageLayoutVersion\":\"2.0.0\"}").unwrap();
    assert_eq!(shown(), "`DIR` is not an OCI image layout: its version is 2.0.0");
    std::fs::write(root.join("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}").unwrap();
    assert_eq!(shown(), "`DIR` is not an OCI image layout: it has no `index.json`");
    std::fs::write(root.join("index.json"), "{").unwrap();
    assert_eq!(
        shown(),
        "`index.json` in `DIR` cannot be read: EOF while parsing an object at line 1 column 1"
    );
    std::fs::write(root.join("index.json"), "{\"schemaVersion\":2}").unwrap();
    assert_eq!(shown(), "`DIR` has no image tagged `latest`; there is none");
    let digest = scant_core::words::Digest::of(b"x");
    let index = format!(
        "{{\"schemaVersion\":2,\"manifests\":[{{\"mediaType\":\
         \"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"{digest}\",\"size\":1}}]}}"
    );
    std::fs::write(root.join("index.json"), index).unwrap();
    assert_eq!(shown(), format!("`DIR` is incomplete: {digest}, the manifest, is missing"));
    let blob = root.join("blobs/sha256").join(digest.hex());
    std::fs::create_dir_all(blob.parent().unwrap()).unwrap();
    std::fs::write(&blob, "y").unwrap();
    let found = scant_core::words::Digest::of(b"y");
    assert_eq!(
        shown(),
        format!(
            "cannot read {digest} in `DIR/blobs/sha256/{}`: damaged: its digest is {found}",
            digest.hex()
        )
    );
}

/// What an archive of these lines has at a path: mode, owner and content.
#[track_caller]
fn read_case(lines: &str, path: &str, expected: &str) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &tar(lines)).unwrap();
    let contents =
        Contents::read(&Files::in_archive(file.path()), file.path().parent().unwrap()).unwrap();
    let path = scant_core::words::TreePath::parse(path).unwrap();
    let found = match contents.read(&path, 1 << 20) {
        Ok(content) => {
            let meta = contents.meta(&path).unwrap().unwrap();
            format!("{} {}:{} {}", meta.mode, meta.uid, meta.gid, Escaped(&content))
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected);
}

#[test]
fn contents_are_those_that_a_container_sees() {
    read_case("a/\na/b one\nc two", "/a/b", "0755 0:0 one");
    read_case("a/\na/b one\nc two", "/c", "0755 0:0 two");
    read_case("a one\na three", "/a", "0755 0:0 three");
    read_case("b one\na = b\nc two", "/b", "0755 0:0 one");
    read_case("b one\na = b\nc two", "/a", "0755 0:0 one");
    read_case("a one\nb = a\na two", "/b", "0755 0:0 one");
    read_case("a -> b\nb one", "/a", "`/a`: not a regular file but a symbolic link");
    read_case("a/b one", "/a", "`/a`: not a regular file but a directory");
    read_case("a one", "/b", "`/b`: no such file or directory");
}

#[test]
fn names_of_one_file_have_one_number_in_contents() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &tar("b one\na = b\nc one")).unwrap();
    let contents =
        Contents::read(&Files::in_archive(file.path()), file.path().parent().unwrap()).unwrap();
    let number = |name: &'static str| {
        let path = scant_core::words::TreePath::literal(name);
        contents.lookup(&path).unwrap().unwrap().identity()
    };
    assert_eq!(number("/a"), number("/b"));
    assert_ne!(number("/a"), number("/c"));
}

/// What layers have at a path, once they are compressed so.
#[track_caller]
fn compressed_case(layers: &[Vec<u8>], diff_ids: &[&[u8]], expected: &str) {
    let place = tempfile::tempdir().unwrap();
    let blob = |(number, bytes): (usize, &Vec<u8>)| {
        let path = place.path().join(number.to_string());
        std::fs::write(&path, bytes).unwrap();
        let digest = scant_core::words::Digest::of(bytes);
        let blob = crate::blobs::Blob::in_file(&*path, 0, digest, bytes.len() as u64);
        (blob, scant_core::words::DiffId(scant_core::words::Digest::of(diff_ids[number])))
    };
    let layers = layers.iter().enumerate().map(blob).collect();
    let files = Files { path: place.path().to_path_buf(), source: files::Source::Layers(layers) };
    let listing = files.list().unwrap();
    let contents = Contents::read(&files, place.path()).unwrap();
    let mut shown = String::new();
    for (path, listed) in listing.iter() {
        shown += &format!("{path} {}", listed.kind);
        if let Ok(content) = contents.read(path, 100) {
            shown += &format!(" {}", Escaped(&content));
        }
        shown += "\n";
    }
    assert_eq!(shown, expected);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn layers_of_every_compression_in_parts() {
    let layer = tar("a/\na/b one\nc two");
    let expected = "/a directory\n/a/b file 3 one\n/c file 3 two\n";
    let case = |bytes: Vec<u8>| compressed_case(&[bytes], &[&layer], expected);
    case(layer.clone());
    case(gzip(&layer));
    // eStargz: a member for each entry, and an empty one with a comment as its footer.
    let mut stargz: Vec<u8> = layer.chunks(512).flat_map(gzip).collect();
    let mut footer = flate2::GzBuilder::new()
        .extra("SG\x16\x000000000000000000STARGZ")
        .write(Vec::new(), flate2::Compression::none());
    std::io::Write::flush(&mut footer).unwrap();
    stargz.extend(footer.finish().unwrap());
    case(stargz);
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    case(zstd(&layer));
    // zstd:chunked: a frame for each chunk, and what it is in frames that are skipped.
    let skipped = b"\x50\x2a\x4d\x18\x08\0\0\0GNUlInUx".to_vec();
    let mut chunked: Vec<u8> = layer.chunks(700).flat_map(zstd).collect();
    chunked.extend(&skipped);
    chunked.extend(&skipped);
    case(chunked.clone());
    // pzstd says the size of each frame before it.
    case([skipped, chunked].concat());
}

#[test]
fn files_of_several_layers_are_those_of_a_container() {
    let case = |layers: &[&str], expected: &str| {
        let layers: Vec<_> = layers.iter().map(|lines| tar(lines)).collect();
        let diff_ids: Vec<_> = layers.iter().map(|layer| &layer[..]).collect();
        let gzipped: Vec<_> = layers.iter().map(|layer| gzip(layer)).collect();
        compressed_case(&gzipped, &diff_ids, expected);
    };
    // A hard link to what a layer below has.
    case(&["b one", "a = b"], "/a file 3 one\n/b hard link to /a one\n");
    case(&["b one", "a = b\n.wh.b", "b two"], "/a file 3 one\n/b file 3 two\n");
    case(&["b one\na = b", "b two"], "/a file 3 one\n/b file 3 two\n");
    case(
        &["l -> d\nd/\nd/b one", "a = l/b"],
        "/a file 3 one\n/d directory\n/d/b hard link to /a one\n/l link to d\n",
    );
    // An opaque directory, and one below it.
    case(
        &["d/\nd/a one\nd/e/\nd/e/f one", "d/\nd/.wh..wh..opq\nd/e/\nd/e/g two"],
        "/d directory\n/d/e directory\n/d/e/g file 3 two\n",
    );
    // A link that becomes a directory, a directory that becomes a link.
    case(
        &["d/\nd/a one\nl -> d", "l/\nl/b two"],
        "/d directory\n/d/a file 3 one\n/l directory\n/l/b file 3 two\n",
    );
    case(&["d/\nd/a one\ne/", "d -> e\nd/b two"], "/d link to e\n/e directory\n/e/b file 3 two\n");
    case(
        &["l -> d\nd/\nd/a one", ".wh.l\nl/\nl/b two"],
        "/d directory\n/d/a file 3 one\n/l directory\n/l/b file 3 two\n",
    );
}

#[test]
fn sparse_entries_and_late_links_are_no_matter_of_layers() {
    let mut sparse = scant_testkit::RawTar::default();
    sparse.pax(b'x', &[("GNU.sparse.size", b"10"), ("GNU.sparse.map", b"0,1")]);
    sparse.entry("s", b'0', "", "x");
    let said = |archive: &[u8]| seen(&[archive]).unwrap_err();
    assert_eq!(said(&sparse.end()), "sparse entries are not supported");
    let late = scant_testkit::RawTar::of_lines("a = b\nb 1");
    assert_eq!(said(&late), "`/a` is a hard link to `/b`, which is no file of the image");
}
