//! What other tools make of what is published. Tools that are not installed are skipped.

use std::process::Command;

use super::*;

/// Runs a tool and gives its output; none if it is not installed.
fn run(tool: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(tool).args(arguments).output() {
        Ok(output) => {
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{tool} {arguments:?}: {error}");
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(error) => {
            println!("skipped: {tool}: {error}");
            None
        }
    }
}

#[test]
fn skopeo_reads_and_copies_what_is_published() {
    let place = tempfile::tempdir().unwrap();
    let at = |text: &str| text.replace("DIR", &place.path().display().to_string());
    let store = Store::temporary(place.path()).unwrap();
    let image = image(&store, "/a");
    let outputs = [
        "oci:DIR/o:v1",
        "oci:DIR/o:v2",
        "oci:DIR/p",
        "oci-archive:DIR/a:v1",
        "docker-archive:DIR/d",
    ];
    for output in outputs {
        put(&image, &at(output), Some("n/x:1")).unwrap();
    }
    for read in ["oci:DIR/o:v2", "oci:DIR/p", "oci-archive:DIR/a:v1", "docker-archive:DIR/d"] {
        let digest = run("skopeo", &["inspect", "--format={{.Digest}}", &at(read)]);
        // For a docker-archive skopeo makes a manifest of its own.
        if let Some(digest) = digest.filter(|_| !read.starts_with("docker")) {
            assert_eq!(digest.trim(), image.top().descriptor.digest.to_string());
        }
    }
    // Digests and diff IDs are checked on the way.
    let insecure = "--insecure-policy";
    if run("skopeo", &[insecure, "copy", &at("oci:DIR/o:v1"), &at("docker-archive:DIR/e:x:1")])
        .is_some()
    {
        // What skopeo writes is the classic archive, without a layout in it.
        let opened = open(&at("docker-archive:DIR/e:x:1")).unwrap();
        assert_eq!(text(&files(&opened).list().unwrap()), LISTING);
        run("skopeo", &[insecure, "copy", &at("docker-archive:DIR/d"), &at("dir:DIR/f")]);
    }
}

#[test]
fn umoci_unpacks_what_is_published() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: umoci unpacks owners, which needs root");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let at = |text: &str| text.replace("DIR", &place.path().display().to_string());
    let store = Store::temporary(place.path()).unwrap();
    put(&image(&store, "/a"), &at("oci:DIR/o:v1"), None).unwrap();
    if run("umoci", &["unpack", "--image", &at("DIR/o:v1"), &at("DIR/u")]).is_some() {
        let opened = open(&at("rootfs:DIR/u/rootfs")).unwrap();
        assert_eq!(text(&files(&opened).list().unwrap()), LISTING);
    }
}
