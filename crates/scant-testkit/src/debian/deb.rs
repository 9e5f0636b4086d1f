//! Packages. Nothing is checked: what is asked for is written.

use crate::RawTar;

/// An archive of ar with these members.
pub fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in members {
        let header =
            format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100_644, content.len());
        bytes.extend(header.as_bytes());
        bytes.extend(*content);
        if content.len() % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}

/// A package with this control file and these files, as [`RawTar::of_lines`] has them.
pub fn deb(control: &str, files: &str) -> Vec<u8> {
    deb_of(control, &RawTar::of_lines(files))
}

/// A package with this control file and this archive of files.
pub fn deb_of(control: &str, data: &[u8]) -> Vec<u8> {
    let mut tar = RawTar::default();
    tar.entry("./", b'5', "", "").entry("./control", b'0', "", control);
    tar.entry("./postinst", b'0', "", "#!/bin/sh\nexit 1\n");
    let control = zstd::encode_all(&tar.end()[..], 1).expect("memory can be written to");
    ar(&[("debian-binary", b"2.0\n"), ("control.tar.zst", &control), ("data.tar", data)])
}
