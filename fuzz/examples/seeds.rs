//! Writes what each fuzz target starts from into the directory given, one directory a target.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use scant_testkit::debian::{ar, deb, deb_of};
use scant_testkit::{ItemKind, Listing, RawHeader, RawMember, RawTar, RawZip};

/// A program with everything that is read of an ELF file.
const RICH: &str = "interp=/ld.so needed=liba.so.1,libb.so soname=app runpath=$ORIGIN/../lib:/opt \
                    rpath=/x:$LIB audit=liba.so auxiliary=libx.so filter=libf.so imports=dlopen \
                    exports=stdin@V_1 verdef=V_1,V_2 verneed=liba.so.1:A_1,A_2 \
                    verneed-weak=libb.so:B_1 build-id=0102030405060708 \
                    dlopen=\"[{\\\"soname\\\":[\\\"libq.so\\\"],\\\"priority\\\":\\\"required\\\"}]\"";

fn main() -> io::Result<()> {
    let Some(root) = std::env::args_os().nth(1) else {
        return Err(io::Error::other("usage: seeds DIRECTORY"));
    };
    let seeds = Seeds { root: Path::new(&root) };
    elf(&seeds)?;
    closures(&seeds)?;
    caches(&seeds)?;
    manifests(&seeds)?;
    structure_tests(&seeds)?;
    of_apko(&seeds)?;
    texts(&seeds)?;
    archives(&seeds)?;
    deflated(&seeds)?;
    openpgp(&seeds)?;
    debs(&seeds)?;
    documents(&seeds)
}

struct Seeds<'a> {
    root: &'a Path,
}

impl Seeds<'_> {
    fn write(&self, target: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let directory = self.root.join(target);
        fs::create_dir_all(&directory)?;
        fs::write(directory.join(format!("seed-{name}")), bytes)
    }

    fn all(&self, target: &str, texts: &[&str]) -> io::Result<()> {
        let mut texts = texts.iter().enumerate();
        texts
            .try_for_each(|(number, text)| self.write(target, &number.to_string(), text.as_bytes()))
    }
}

/// Packages, and what is put into some: control files and archives of files.
fn debs(seeds: &Seeds<'_>) -> io::Result<()> {
    let control = "Package: aa\nVersion: 1:2.0-3\nArchitecture: amd64\nSource: a (2)\nDepends: bb (>= 1) | cc\n\
                   Provides: dd (= 1)\nReplaces: ee\nMulti-Arch: same\nDescription: one\n two\n";
    let files = "./usr/bin/aa x\n./lib/libaa.so.1 y\n./usr/share/doc/aa/copyright z";
    let mut links = RawTar::default();
    links.entry("./", b'5', "", "").entry("./etc/", b'5', "", "");
    links.entry("./etc/aa", b'0', "", "x").entry("./etc/bb", b'2', "../etc/aa", "");
    links.entry("./etc/cc", b'1', "./etc/aa", "").entry("./bin", b'2', "/usr/bin", "");
    let links = links.end();
    seeds.write("deb", "package", &deb(control, files))?;
    seeds.write("deb", "links", &deb_of(control, &links))?;
    let zstd = zstd::encode_all(&links[..], 1)?;
    let members = [("debian-binary", &b"2.0\n"[..]), ("_x", b"y"), ("data.tar.zst", &zstd)];
    seeds.write("deb", "disordered", &ar(&members))?;
    seeds.write("deb", "control", control.as_bytes())?;
    seeds.write("deb", "files", &links)
}

fn openpgp(seeds: &Seeds<'_>) -> io::Result<()> {
    let keys = scant_fuzz::openpgp::keys();
    seeds.write("openpgp_keyring", "armored", &keys.armored())?;
    for (number, signatures) in scant_fuzz::openpgp::signed_detached().iter().enumerate() {
        let bytes = [signatures, &b"@@KEYS"[..], &keys.keyring()].concat();
        seeds.write("openpgp_keyring", &number.to_string(), &bytes)?;
    }
    for (number, text) in scant_fuzz::openpgp::signed_inline().iter().enumerate() {
        seeds.write("openpgp_inline", &number.to_string(), text)?;
    }
    Ok(())
}

fn deflated(seeds: &Seeds<'_>) -> io::Result<()> {
    let text: Vec<u8> =
        (0..20_000_u32).flat_map(|n| (n * n % 9973).to_string().into_bytes()).collect();
    for level in [0, 1, 6, 9] {
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(&text)?;
        seeds.write("deflate", &level.to_string(), &encoder.finish()?)?;
    }
    // One block of fixed codes, and an empty stored one.
    seeds.write("deflate", "fixed", &[0x4b, 0x4c, 0x04, 0x00])?;
    seeds.write("deflate", "stored", &[1, 0, 0, 0xff, 0xff])
}

fn elf(seeds: &Seeds<'_>) -> io::Result<()> {
    let mut lines = vec!["/glibc loader glibc x86_64 debian".to_string()];
    lines.push("/musl loader musl x86_64".into());
    lines.push("/uclibc loader uclibc mips".into());
    lines.push(format!("/level elf x86_64 level=3 {RICH}"));
    for machine in ["x86_64", "i386", "s390x", "mips", "aarch64"] {
        lines.push(format!("/{machine} elf {machine} {RICH}"));
        lines.push(format!("/{machine}-gnu elf {machine} {RICH} gnu-hash separate-notes"));
    }
    for (path, kind) in Listing::new(&lines.join("\n")).iter() {
        if let ItemKind::File { bytes, .. } = kind {
            seeds.write("elf", &String::from_utf8_lossy(&path[1..]), bytes)?;
        }
    }
    Ok(())
}

fn closures(seeds: &Seeds<'_>) -> io::Result<()> {
    let library = "/lib/liba.so elf x86_64 soname=liba.so needed=libb.so rpath=/opt verdef=A_1";
    let glibc = format!(
        "/bin/app elf x86_64 {RICH}
         /ld.so loader glibc x86_64 hwcaps=x86-64-v3:x86-64-v2
         {library}
         /lib/liba.so.1 -> liba.so
         /lib/glibc-hwcaps/x86-64-v3/libb.so elf x86_64 level=3
         /opt/libb.so elf x86_64 needed=liba.so.1
         /opt/libf.so elf x86_64
         /etc/ld.so.cache cache new x86_64 libq.so=>/opt/libb.so libb.so@x86-64-v2=>/opt/libb.so
         /etc/ld.so.preload \"libf.so /opt/libb.so # none\\n\""
    );
    let musl = "/bin/app elf x86_64 interp=/lib/ld-musl-x86_64.so.1 needed=liba.so,libc.so rpath=/x
                /lib/ld-musl-x86_64.so.1 loader musl x86_64
                /etc/ld-musl-x86_64.path \"/opt:/lib\\n/usr/lib\"
                /opt -> lib
                /lib/liba.so elf x86_64 needed=libb.so runpath=$ORIGIN
                /lib/libb.so elf x86_64 needed=liba.so";
    let uclibc = "/bin/app elf mips interp=/lib/ld-uClibc.so.0 needed=liba.so runpath=/opt
                  /lib/ld-uClibc.so.0 loader uclibc mips
                  /opt/liba.so elf mips";
    for (name, listing) in [("glibc", &*glibc), ("musl", musl), ("uclibc", uclibc)] {
        let first = listing.trim_start().split(' ').next().expect("a listing starts with a path");
        let listing = Listing::new(listing);
        let (program, others): (Vec<_>, Vec<_>) =
            listing.iter().partition(|(path, _)| *path == first.as_bytes());
        let mut bytes = Vec::new();
        for (path, kind) in program.into_iter().chain(others) {
            match kind {
                ItemKind::File { bytes: content, .. } => part(&mut bytes, path, content),
                ItemKind::Symlink { target } => {
                    part(&mut bytes, &[path, b" -> ", target].concat(), b"");
                }
                ItemKind::Directory { .. } | ItemKind::HardLink { .. } => {}
            }
        }
        seeds.write("closure", name, &bytes)?;
    }
    Ok(())
}

/// One file of a target that reads several.
fn part(bytes: &mut Vec<u8>, head: &[u8], content: &[u8]) {
    bytes.extend([b"@@", head, b"\n", content, b"\n"].concat());
}

fn caches(seeds: &Seeds<'_>) -> io::Result<()> {
    for machine in ["x86_64", "s390x"] {
        for format in ["new", "old", "compat"] {
            let line = format!(
                "/c cache {format} {machine} liba.so.1=>/lib/liba.so.1 liba.so.10=>/lib/liba.so.10 \
                 libb.so=>/b/libb.so libb.so@x86-64-v2=>/b/v2/libb.so libb.so@x86-64-v3=>/b/v3/libb.so"
            );
            let listing = Listing::new(&line);
            let bytes = listing.bytes("/c").expect("it was listed");
            seeds.write("cache", &format!("{format}-{machine}"), bytes)?;
        }
    }
    Ok(())
}

fn manifests(seeds: &Seeds<'_>) -> io::Result<()> {
    let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let lock = r#"{"inputs": {"A": {"pins": {"all": {"asked": "docker://a", "digest": "DIGEST",
"media-type": "m", "size": 1}}, "files": {"linux/amd64": {"/a": "DIGEST"}}, "indexes":
{"linux/amd64": [{"digest": "DIGEST", "size": 1, "url": "https://a/b"}]}, "packages":
{"linux/arm64": [{"architecture": "a", "digest": "DIGEST", "name": "n", "size": 1, "url":
"./a/c", "version": "1"}]}}}, "version": 1}"#;
    seeds.all("lock", &[&*lock.replace("DIGEST", digest), r#"{"inputs": {}, "version": 1}"#])?;
    seeds.all(
        "manifest",
        &[
            "input:\n  backend: buildroot\n  mode: staging\n  path: out\nbinaries:\n  - \
             BUILDROOT/usr/sbin/nginx:/usr/sbin/nginx\ndirectories: [/var/log]\nsymlinks:\n  - \
             /usr/lib:/lib\n",
            "inputs:\n  A: {backend: sysroot, path: ./a}\n  B: {backend: host}\nbinaries:\n  - from: \
             A/bin/x\n    to: /bin/x\n    mode: \"0755\"\n    owner: 0:0\n    capabilities: \
             [cap_chown=ep]\n    why: it is\n    libraries: [libz.so.1]\ndata:\n  - {from: B/etc/, \
             to: /etc/, include: [\"a/**\"], exclude: []}\n  - {content: \"x\\n\", to: /etc/x}\n",
            "accounts:\n  users: [{name: a, uid: 1, gid: 1, home: /, shell: /bin/sh}]\n  groups: \
             [{name: a, gid: 1}]\nimage:\n  entrypoint: [/a]\n  env: {PATH: /bin}\n  workdir: /\n  \
             user: a\n  expose: [80/tcp]\n  volumes: [/v]\n  labels: {a: b}\n  stopsignal: SIGQUIT\n  \
             healthcheck: {test: [CMD, /p], interval: 1m30s}\nplatforms: [linux/amd64]\n",
            "input:\n  backend: apk\n  packages: [a, b>=1, c~1@e, \"!d\"]\n  repositories: [./x, \
             https://a/b, {url: c, tag: e, allow-unsigned: true}]\n  keys: [k/*.pub, {url: \
             https://a/k, fingerprint: \"00\"}]\n  install-if: false\n",
            "hardlinks: [/a:/b]\nld-so-cache: auto\nx: &a {b: c}\ny: [*a, *a, \"\\x1b\\u00e9\"]\n",
            "\u{feff}binaries: [no, 'quo''ted', \"\\t\", |-\n  text\n  ]\n? k\n: v\n",
        ],
    )
}

fn of_apko(seeds: &Seeds<'_>) -> io::Result<()> {
    seeds.all(
        "apko",
        &[
            "contents:\n  repositories: [https://a/b, '@t https://c']\n  keyring: [https://a/k.pub, \
             ./k]\n  packages: [a, 'b>=1', c@t]\nentrypoint: {command: \"/a 'b c' \\\"d\\\" \\\\e\"}\ncmd: \
             -x\narchs: [x86_64, arm64]\nlayering: {strategy: origin, budget: 10}\n",
            "accounts:\n  run-as: a\n  users: [{username: a, uid: 1, gid: 2, shell: /s, homedir: \
             /h}]\n  groups: [{groupname: a, gid: 3, members: [a, b]}]\npaths: [{path: /a, type: \
             directory, permissions: 0o755, uid: 1, recursive: true}, {path: /a/b, type: \
             empty-file}, {path: /c, type: symlink, source: d}, {path: /e, type: hardlink, source: \
             a/b}, {path: /a, type: permissions, permissions: 0700}]\n",
            "include: b\nenvironment: {A: b}\nstop-signal: 9\nwork-dir: /w\nvolumes: \
             [/v]\nannotations: {a: b}\nvcs-url: a@b\n@@OVER\nentrypoint: {type: service-bundle, \
             services: {a: b}}\nformat: erofs\ncertificates: {additional: [{name: a, content: \
             b}], providers: [c]}\n",
        ],
    )
}

fn structure_tests(seeds: &Seeds<'_>) -> io::Result<()> {
    seeds.all(
        "structure_test",
        &[
            "schemaVersion: 2.0.0\nglobalEnvVars: [{key: A, value: \"b:$A${B}\"}]\ncommandTests:\n- \
             name: a\n  setup: [[x, y]]\n  command: c\n  args: [-c, $A]\n  expectedOutput: \
             ['^\\d+[[:alpha:]]{2,}$']\n  exitCode: 1\n",
            "{\n\t\"schemaVersion\": \"1.0.0\",\n\t\"commandTests\": [{\"name\": \"a\", \"command\": \
             [\"b\"]}],\n\t\"licenseTests\": [{\"debian\": true}]\n}\n",
            "schemaVersion: 2.0.0\nfileExistenceTests: [{name: a, path: /b, shouldExist: no, uid: 0, \
             permissions: -rwx, isExecutableBy: any}]\nfileContentTests: [{name: a, path: /b, \
             expectedContents: ['(?i)\\Qx.y\\E|{\"a\":']}]\nmetadataTest: {env: [{key: a, value: b, \
             isRegex: true}], entrypoint: [], exposedPorts: [80]}\n",
            "schemaVersion: 2.0.0\ncontainerRunOptions: {user: a, privileged: true, bindMounts: \
             ['/a:/b:ro'], envVars: [A]}\n",
        ],
    )
}

fn texts(seeds: &Seeds<'_>) -> io::Result<()> {
    seeds.all(
        "netrc",
        &[
            "machine example.com login a password b\nmachine a account x password \"y \\\"z\"\n",
            "# nobody\nmacdef init\ncd /\nbin\n\ndefault login anonymous password a@b",
        ],
    )?;
    seeds.all(
        "reference",
        &[
            "oci:dir:tag",
            "oci-archive:a/b.tar:v1.0-rc+x",
            "docker-archive:f.tar:example.com:5000/a/b__c:tag",
            "docker-daemon:alpine",
            "docker://index.docker.io/library/x@sha256:\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "localhost/x",
            "rootfs:/a:b",
            "linux/arm/v7",
            "0755",
        ],
    )?;
    seeds.all(
        "paths",
        &[
            "@@/a/b -> ../c\n@@/c/d\nx\n@@/e -> /a/b/d\n@@/f -> f\n",
            "@@//usr/./lib// -> ../../..\n@@/x\\y\u{e9}\u{1b}\n",
            "@@/a -> b/\n@@/b -> /a/../c\n@@/c/d -> ..\n@@/c/d/d/d/d/e\n",
        ],
    )?;
    seeds.all(
        "lists",
        &[
            "/.\n/usr\n/usr/bin/a\n/lib/b\r\n",
            "P:musl\nF:lib\nR:b\n\nP:x\nF:\nR:c\nF:usr/bin\nR:a\n",
            "zlib,./usr/bin/a\nz,./c\nz,./lib/b\n",
            "#! /usr/bin/env -S A=b node --x\n",
            "Package: aa\nStatus: install ok installed\nVersion: 1-2\nSource: a (1)\nConffiles:\n /a 0\n",
            "C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:a\nV:1\nF:b\nR:c\nZ:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            "cap_net_bind_service=ep\ncap_chown,cap_kill+p-i\nall=\n",
        ],
    )?;
    seeds.all(
        "engine",
        &[
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
             19\r\n{\"stream\":\"Loaded: x:1\\n\"}\r\n0\r\n\r\n",
            "HTTP/1.1 500 No\r\nContent-Length: 18\r\n\r\n{\"message\":\"no way\"}",
            "HTTP/1.0 200 OK\r\n\r\n{\"errorDetail\":{\"message\":\"bad\"},\"error\":\"bad\"}",
        ],
    )
}

fn archives(seeds: &Seeds<'_>) -> io::Result<()> {
    let layer = tar(&[
        ("a/", '5', "", ""),
        ("a/b", '0', "", "content"),
        ("a/h", '1', "a/b", ""),
        ("l", '2', "a", ""),
        ("l/c", '0', "", ""),
        ("x", 'x', "", "19 path=long/name1\n18 SCHILY.xattr.user.a=v\n"),
        ("short", '0', "", "z"),
        ("L", 'L', "", "gnu/long/name\0"),
        ("short", '0', "", "y"),
    ]);
    let above =
        tar(&[("a/.wh.b", '0', "", ""), ("a/.wh..wh..opq", '0', "", ""), ("a/n", '0', "", "1")]);
    seeds.write("layers", "one", &layer)?;
    seeds.write("layers", "two", &[&layer[..], b"\n@@\n", &above].concat())?;
    seeds.write("archive", "plain", &layer)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&layer)?;
    seeds.write("archive", "gzip", &gzip.finish()?)?;
    seeds.write("archive", "zstd", &zstd::encode_all(&layer[..], 1)?)?;
    let image = tar(&[
        ("oci-layout", '0', "", "{\"imageLayoutVersion\":\"1.0.0\"}"),
        ("index.json", '0', "", "{\"schemaVersion\":2,\"manifests\":[]}"),
        (
            "manifest.json",
            '0',
            "",
            "[{\"Config\":\"c\",\"RepoTags\":[\"x:1\"],\"Layers\":[\"l\"]}]",
        ),
        (
            "c",
            '0',
            "",
            "{\"architecture\":\"arm64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\
          \"diff_ids\":[]}}",
        ),
        ("l", '2', "c", ""),
    ]);
    seeds.write("archive", "image", &image)?;
    archive_inputs(seeds, &layer)
}

/// Seeds for archives as inputs: every compression, and what only some programs write.
fn archive_inputs(seeds: &Seeds<'_>, layer: &[u8]) -> io::Result<()> {
    let write = |name: &str, bytes: &[u8]| seeds.write("archive_tar", name, bytes);
    write("plain", layer)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(layer)?;
    let gzip = gzip.finish()?;
    write("gzip", &gzip.repeat(2))?;
    let skipped = b"\x50\x2a\x4d\x18\x04\0\0\0meta";
    write("zstd", &[&skipped[..], &zstd::encode_all(layer, 1)?].concat())?;
    // 1024 zeros: an empty archive.
    write("xz", XZ)?;
    write("bzip2", BZIP2)?;
    let mut sparse = RawTar::default();
    sparse.pax(b'g', &[("uid", b"7")]);
    sparse.pax(b'x', &[("GNU.sparse.size", b"10"), ("GNU.sparse.map", b"1,1,6,2")]);
    sparse.entry("s", b'0', "", "abc").entry("h", b'1', "later", "").entry("later", b'0', "", "");
    let major: &[(&str, &[u8])] =
        &[("GNU.sparse.major", b"1"), ("GNU.sparse.realsize", b"9"), ("GNU.sparse.name", b"t")];
    let mut content = b"1\n2\n3\n".to_vec();
    content.resize(512, 0);
    content.extend(b"abc");
    sparse.pax(b'x', major).entry("x", b'0', "", &content);
    sparse.changed(&header("o", b'S', 3), |block| {
        block[386..397].copy_from_slice(b"00000000001");
        block[398..409].copy_from_slice(b"00000000003");
        block[483..494].copy_from_slice(b"00000000012");
    });
    sparse.blocks("abc");
    write("sparse", &sparse.end())?;
    let mut zip = RawZip::default();
    zip.member(&RawMember::stored("a/b", "content"));
    zip.member(&RawMember { flags: 8, ..RawMember::deflated("a/c", &"text ".repeat(40)) });
    zip.member(&RawMember { zip64: true, ..RawMember::deflated("d", "") });
    zip.member(&RawMember { mode: 0o120_777, ..RawMember::stored("l", "a/b") });
    zip.member(&RawMember { mode: 0o040_755, ..RawMember::stored("e/", "") });
    seeds.write("archive_zip", "zip", &zip.end())?;
    seeds.write("archive_zip", "zip64", &zip.end64())
}

fn header(name: &str, flag: u8, size: u64) -> RawHeader<'_> {
    RawHeader { name: name.as_bytes(), flag, link: b"", size, mode: 0o644, owner: (0, 0) }
}

/// An archive of entries: name, type, link, content.
fn tar(entries: &[(&str, char, &str, &str)]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, flag, link, content) in entries {
        let mut header = [0; 512];
        let mut put =
            |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, name);
        put(100, "0000644\0");
        put(108, "0000000\0");
        put(116, "0000000\0");
        put(124, &format!("{:011o}\0", content.len()));
        put(136, "00000000000\0");
        put(148, "        ");
        put(156, &flag.to_string());
        put(157, link);
        put(257, "ustar\x0000");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend(header);
        archive.extend(content.as_bytes());
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// 1024 zeros in xz.
const XZ: &[u8] = b"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\xe0\x03\xff\x00\x0b\x5d\x00\x00\x6f\xfd\xff\xff\xa3\xb7\x7f\x46\x32\x00\x00\x00\x0c\x27\x69\x20\x97\x63\x78\xc3\x00\x01\x27\x80\x08\x00\x00\x00\x2e\x79\xae\xad\xb1\xc4\x67\xfb\x02\x00\x00\x00\x00\x04\x59\x5a";

/// 1024 zeros in bzip2.
const BZIP2: &[u8] = b"\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x74\xf5\xad\xf7\x00\x00\x04\x40\x00\xc0\x00\x00\x08\x20\x00\x30\x80\x2a\x69\x45\xac\x38\xbb\x92\x29\xc2\x84\x83\xa7\xad\x6f\xb8";

/// A config of one layer.
const CONFIG: &str = r#"{"architecture":"amd64","os":"linux","created":null,"config":{"Env":["A=b"],
"Entrypoint":["/a"],"Labels":{"a":"b"},"ExposedPorts":{"80/tcp":{}}},"rootfs":{"type":"layers",
"diff_ids":["%%L%"]},"history":[{"created_by":"x","empty_layer":true}]}"#;
/// A manifest of it.
const MANIFEST: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
"config":{"mediaType":"application/vnd.oci.image.config.v1+json",%C%},"layers":[{"mediaType":
"application/vnd.oci.image.layer.v1.tar",%L%}],"annotations":{"a":"b"}}"#;
/// The documents of a layout's root.
const MARKER: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;
const INDEX: &str = r#"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.%K%.v1+json",
%M%,"platform":{"architecture":"amd64","os":"linux"},"annotations":{"org.opencontainers.image.ref.name":
"1","dev.scant.provenance":"linux/amd64=%%Q%"}}]}"#;
const PROVENANCE: &str = r#"{"mediaType":"application/vnd.scant.provenance.v1+json","nodes":[{"gid":0,
"kind":"directory","mode":"0755","path":"/bin","reasons":[{"of":"/bin/s\\xff","why":"parent"}],"uid":0},
{"gid":0,"kind":"file","mode":"0755","path":"/bin/s\\xff","reasons":[{"line":3,"reason":"it runs",
"section":"binaries","why":"declared"},{"why":"depends","of":"/a","relation":"needed","name":"x","how":
{"rule":"rpath","object":"/a","entry":"y"}}],"size":7,"source":{"input":"A","path":"/b","package":"p"},
"uid":0,"xattrs":["user.a"]},{"gid":0,"uid":0,"kind":"symlink","target":"x","mode":"0777","path":"/l",
"reasons":[{"why":"made","purpose":"p"}]}],"platform":"linux/amd64","version":1}"#;

fn documents(seeds: &Seeds<'_>) -> io::Result<()> {
    let index = |kind: &str| INDEX.replace("%K%", kind);
    seeds.all(
        "documents",
        &[MARKER, &index("manifest"), MANIFEST, CONFIG, PROVENANCE].map(|text| {
            // Without the marks, which only the target `layout` knows.
            let digest = format!("sha256:{}", "0".repeat(64));
            let text = text.replace("%%L%", &digest).replace("%%Q%", &digest);
            let descriptor = format!("\"digest\":\"{digest}\",\"size\":2");
            let marks = ["%C%", "%L%", "%M%"];
            &*Box::leak(
                marks
                    .iter()
                    .fold(text, |text, mark| text.replace(mark, &descriptor))
                    .into_boxed_str(),
            )
        }),
    )?;
    let layer = tar(&[("a", '0', "", "1")]);
    let mut layout = Vec::new();
    let mut add = |name: &str, content: &[u8]| {
        // The new line before the next part is not part of the content.
        part(&mut layout, name.as_bytes(), content);
    };
    add("L", &layer);
    add("C", CONFIG.as_bytes());
    add("M", MANIFEST.as_bytes());
    add("P", PROVENANCE.as_bytes());
    add("E", b"{}");
    add("Q", MANIFEST.replace("%C%", "%E%").replace("%L%", "%P%").as_bytes());
    add("oci-layout", MARKER.as_bytes());
    let single = {
        let mut bytes = layout.clone();
        part(&mut bytes, b"index.json", index("manifest").as_bytes());
        bytes
    };
    seeds.write("layout", "oci", &single)?;
    part(&mut layout, b"I", index("manifest").as_bytes());
    part(&mut layout, b"index.json", index("index").replace("%M%", "%I%").as_bytes());
    seeds.write("layout", "index", &layout)?;
    let mut docker = Vec::new();
    part(&mut docker, b"a/layer.tar", &layer);
    part(&mut docker, b"b/layer.tar -> ../a/layer.tar", b"");
    part(&mut docker, b"L", &layer);
    let config = CONFIG.replace("[\"%%L%\"]", "[\"%%L%\",\"%%L%\"]");
    part(&mut docker, b"c.json", config.as_bytes());
    let saved =
        r#"[{"Config":"c.json","RepoTags":["x:1"],"Layers":["a/layer.tar","b/layer.tar"]}]"#;
    part(&mut docker, b"manifest.json", saved.as_bytes());
    seeds.write("layout", "docker", &docker)
}
