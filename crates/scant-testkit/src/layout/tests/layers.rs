//! Layers that break a rule, and what is said of them.

use super::fixture::{Fixture, entry, gzip, link, with};

const LAYER: &str = "index.json: manifests[0]: layers[0]: ";

/// These entries instead of the usual ones lead to these violations.
#[track_caller]
fn entries(entries: Vec<tar::Header>, expected: &[&str]) {
    let expected: Vec<String> = expected.iter().map(|text| format!("{LAYER}{text}")).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    Fixture { entries, ..Fixture::default() }.has(&expected);
}

#[test]
fn a_good_image_has_no_violation() {
    Fixture::default().has(&[]);
}

#[test]
fn paths() {
    entries(
        vec![entry("./a", b'0')],
        &["`./a`: begins with `./`", "`./a`: has no parent directory before it"],
    );
    entries(
        vec![entry("/a", b'0')],
        &["`/a`: begins with a slash", "`/a`: has no parent directory before it"],
    );
    entries(vec![entry("./", b'5')], &["`./`: is an entry for the root"]);
    entries(vec![entry("a", b'5')], &["`a`: is a directory without a slash at its end"]);
    entries(vec![entry("a/", b'0')], &["`a/`: is no directory but ends in a slash"]);
    entries(vec![entry("a/b", b'0')], &["`a/b`: has no parent directory before it"]);
    entries(vec![entry("a", b'0'), entry("a", b'0')], &["`a`: is there twice"]);
    entries(vec![entry(".wh.a", b'0')], &["`.wh.a`: is a whiteout"]);
}

#[test]
fn order() {
    entries(vec![entry("b", b'0'), entry("a", b'0')], &["`a`: is out of order after `b`"]);
    let depth_first = [("a/", b'5'), ("a/b", b'0'), ("a-b", b'0')];
    entries(depth_first.map(|(path, kind)| entry(path, kind)).to_vec(), &[]);
}

#[test]
fn links() {
    let missing = "`a`: is a hard link to `b`, which is not before it here";
    entries(vec![link("a", "b"), entry("b", b'0')], &[missing]);
    let chained = "`c`: is a hard link to `b`, which is one itself";
    entries(vec![entry("a", b'0'), link("b", "a"), link("c", "b")], &[chained]);
    entries(
        vec![entry("a/", b'5'), link("b", "a")],
        &["`b`: is a hard link to `a`, which is no file"],
    );
    entries(vec![entry("a", b'2')], &["`a`: is a symbolic link to nothing"]);
}

#[test]
fn header_fields() {
    let one = |change: fn(&mut tar::Header), expected: &str| {
        entries(vec![entry("a", b'0'), with(entry("b", b'0'), change)], &[expected]);
    };
    one(|header| header.set_mtime(5), "`b`: has the time 5, others have 0");
    one(
        |header| header.set_mode(0o100_644),
        "`b`: has the mode 100644, which is more than permission bits",
    );
    one(|header| header.set_username("root").expect("ustar"), "`b`: names its user or group");
    let device = "`b`: has device numbers other than `0000000\\0`";
    one(|header| header.as_ustar_mut().expect("ustar").dev_major = [0; 8], device);
    one(|header| header.set_entry_type(tar::EntryType::new(b'L')), "`b`: has the type `L`");
    one(
        |header| header.set_entry_type(tar::EntryType::new(b'g')),
        "the archive has a global PAX header",
    );
    one(
        |header| header.as_ustar_mut().expect("ustar").magic = *b"ustar ",
        "the header at byte 512 is not a ustar header",
    );
}

#[test]
fn pax_records() {
    let pax = |records: &str, expected: &[&str]| {
        let mut block = [0; 512];
        block[..records.len()].copy_from_slice(records.as_bytes());
        let size = records.len() as u64;
        let header = with(entry("pax", b'x'), |header| header.set_size(size));
        let content = tar::Header::from_byte_slice(&block).clone();
        entries(vec![header, content, entry("a", b'0')], expected);
    };
    pax("17 uid=2097152  \n", &["`a`: has the PAX record `uid` without need"]);
    pax("15 uid=2097152\n", &[]);
    pax("10 path=a\n", &["`a`: has the PAX record `path` without need"]);
    let (directory, file) = ("a".repeat(54), "b".repeat(54));
    let path = format!("119 path={directory}/{file}\n");
    let no_parent = format!("`{directory}/{file}`: has no parent directory before it");
    let no_need = format!("`{directory}/{file}`: has the PAX record `path` without need");
    pax(&path, &[&no_parent, &no_need]);
    pax(&format!("{path}15 uid=2097152\n"), &[&no_parent]);
    pax("12 path=\u{e4}b\n", &[]);
    pax("13 atime=1.5\n", &["`a`: has the PAX record `atime`"]);
    pax("99 path=a\n", &["the header before byte 1024 has a PAX header that cannot be read"]);
}

#[test]
fn the_end_of_the_archive() {
    let end = |change: fn(&mut Vec<u8>), expected: &str| {
        let fixture = Fixture { tar: Box::new(change), ..Fixture::default() };
        fixture.has(&[format!("{LAYER}{expected}").as_str()]);
    };
    end(|tar| tar.truncate(512 * 3), "the archive ends without two zero blocks");
    end(|tar| tar.extend([0; 512]), "1536 zero bytes end the archive, not 1024");
    end(|tar| tar.extend([1; 512]), "something follows the zero blocks at the end");
}

#[test]
fn gzip_framing() {
    let framing = |change: fn(&mut Vec<u8>), expected: &str| {
        let fixture = Fixture { gzip: Box::new(change), ..Fixture::default() };
        fixture.has(&[format!("{LAYER}{expected}").as_str()]);
    };
    let header =
        "the gzip header is 1f 8b 08 00 00 00 00 00 00 03, not 1f 8b 08 00 00 00 00 00 00 ff";
    framing(|gzip| gzip[9] = 3, header);
    framing(|bytes| bytes.extend(gzip(b"")), "20 bytes follow the first gzip member");
}

#[test]
fn zstd_is_a_layer_as_well() {
    Fixture {
        manifest: Box::new(|manifest| {
            let media_type = "application/vnd.oci.image.layer.v1.tar+zstd";
            manifest["layers"][0]["mediaType"] = media_type.into();
        }),
        gzip: Box::new(|bytes| {
            let mut tar = Vec::new();
            std::io::Read::read_to_end(
                &mut flate2::read::GzDecoder::new(bytes.as_slice()),
                &mut tar,
            )
            .expect("it was just made");
            *bytes = zstd::encode_all(tar.as_slice(), 3).expect("memory takes it");
        }),
        ..Fixture::default()
    }
    .has(&[]);
}
