//! What other readers of tar make of a layer. Tools that are not installed are skipped.

use std::path::Path;
use std::process::Command;

use super::*;

/// A directory name of 100 bytes: with anything before it, ustar's `name` cannot hold it.
const LONG: &str = "0123456789012345678901234567890123456789012345678901234567890123456789\
                    012345678901234567890123456789";

/// Every kind of entry, with the names and numbers that need PAX records.
fn lines() -> String {
    let target = "t/".repeat(60);
    format!(
        "/caf\u{e9} file 3\n\
         /d dir\n\
         /d/{LONG} dir\n\
         /d/{LONG}/{LONG}{LONG} file 3 xattr=user.k:v=w\n\
         /d/{LONG}/x file 3\n\
         /d/a hardlink /d/b\n\
         /d/b file 3 mode=4755 owner=2097152:7\n\
         /l symlink {target}\n\
         /s symlink d/b\n"
    )
}

/// Writes the archive, and returns the names in it.
fn archive(at: &Path) -> Vec<String> {
    let tree = tree(&lines());
    let mut memory = Memory::default();
    for (path, _) in tree.iter() {
        memory.insert(&path.to_string(), b"abc");
    }
    std::fs::write(at, written(&tree, memory, "none", 1).1).unwrap();
    let name = |path: &scant_core::words::TreePath| String::from_utf8(path.relative().into());
    tree.iter().map(|(path, _)| name(path).unwrap()).collect()
}

/// One entry as text: mode, owner, size, name, link.
fn line(mode: u32, owner: (u64, u64), size: u64, name: &str, link: &str) -> String {
    let (uid, gid) = owner;
    let name = name.trim_end_matches('/');
    format!("{mode:o} {uid}:{gid} {size} {name} {link}").trim_end().to_string()
}

fn expected(names: &[String]) -> Vec<String> {
    let expected = |name: &String| match &**name {
        "d/a" => line(0o4755, (2_097_152, 7), 3, name, ""),
        "d/b" => line(0o4755, (2_097_152, 7), 0, name, "d/a"),
        "l" => line(0o777, (0, 0), 0, name, &"t/".repeat(60)),
        "s" => line(0o777, (0, 0), 0, name, "d/b"),
        "d" => line(0o755, (0, 0), 0, name, ""),
        _ if name.ends_with(&format!("d/{LONG}")) => line(0o755, (0, 0), 0, name, ""),
        _ => line(0o644, (0, 0), 3, name, ""),
    };
    names.iter().map(expected).collect()
}

#[test]
fn the_tar_crate_reads_a_layer() {
    let place = tempfile::tempdir().unwrap();
    let names = archive(&place.path().join("a"));
    let file = std::fs::File::open(place.path().join("a")).unwrap();
    let mut found = Vec::new();
    for entry in ::tar::Archive::new(file).entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        assert_eq!(content.len() as u64, entry.size());
        let header = entry.header();
        let owner = (header.uid().unwrap(), header.gid().unwrap());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let link = entry.link_name_bytes().map(|link| text(&link)).unwrap_or_default();
        let name = text(&entry.path_bytes());
        found.push(line(header.mode().unwrap(), owner, entry.size(), &name, &link));
    }
    assert_eq!(found, expected(&names));
}

#[test]
fn python_reads_a_layer() {
    let place = tempfile::tempdir().unwrap();
    let names = archive(&place.path().join("a"));
    let script = "import sys, tarfile\n\
                  for m in tarfile.open(sys.argv[1]):\n\
                  \x20   print('%o %d:%d %d' % (m.mode, m.uid, m.gid, m.size), m.name, m.linkname)";
    let mut command = Command::new("python3");
    command.args(["-X", "utf8", "-c", script]).arg(place.path().join("a"));
    let Ok(output) = command.output() else {
        println!("skipped: python3 is not installed");
        return;
    };
    let found = String::from_utf8(output.stdout).unwrap();
    let found: Vec<_> = found.lines().map(|line| line.trim_end().to_string()).collect();
    let error = String::from_utf8_lossy(&output.stderr);
    // Python gives a hard link the size of its file.
    let sizes = |line: &String| line.replace("7 3 d/b", "7 0 d/b");
    assert_eq!(found.iter().map(sizes).collect::<Vec<_>>(), expected(&names), "{error}");
}

#[test]
fn gnu_tar_and_bsdtar_read_a_layer() {
    let place = tempfile::tempdir().unwrap();
    let names = archive(&place.path().join("a"));
    let tools = [("tar", &["--quoting-style=literal", "-tf"][..]), ("bsdtar", &["-tf"][..])];
    for (tool, options) in tools {
        let mut command = Command::new(tool);
        command.args(options).arg(place.path().join("a")).env("LC_ALL", "C.UTF-8");
        let Ok(output) = command.output() else {
            println!("skipped: {tool} is not installed");
            continue;
        };
        let found = String::from_utf8(output.stdout).unwrap();
        let found: Vec<_> = found.lines().map(|name| name.trim_end_matches('/')).collect();
        assert_eq!(found, names, "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
