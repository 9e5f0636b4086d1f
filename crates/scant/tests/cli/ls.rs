//! `scant ls`.

use snapbox::str;

use crate::check::check;
use crate::place::Place;

fn built(output: &str) -> Place {
    let place = Place::with_app();
    let built = place.run(&format!("build app.yaml -q -o {output}"));
    assert!(built.status.success(), "{}", place.seen(&built));
    place
}

#[test]
fn an_image_that_scant_built_has_reasons() {
    check(
        &built("oci:image:1"),
        "ls oci:image:1",
        str![[r#"
exit 0
--- stdout
0755  0:0            /etc/                                parent directory of /etc/app.conf
0644  0:0      10 B  /etc/app.conf                        declared in `data` at line 7
0777  0:0            /lib64 -> usr/lib64                  link on the way to /usr/lib64/ld-linux-x86-64.so.2 (and 2 more)
0755  0:0            /usr/                                parent directory of /usr/bin/app
0755  0:0            /usr/bin/                            parent directory of /usr/bin/app
0755  0:0     720 B  /usr/bin/app                         declared in `binaries` at line 4: serves the site
0755  0:0            /usr/lib64/                          parent directory of /usr/lib64/ld-linux-x86-64.so.2
0755  0:0     880 B  /usr/lib64/ld-linux-x86-64.so.2      interpreter of /usr/bin/app
0755  0:0     528 B  /usr/lib64/libc.so.6                 needed by /usr/bin/app as libc.so.6, found in the loader's default directory /lib64 (and 1 more)
0777  0:0            /usr/lib64/libz.so.1 -> libz.so.1.3  link on the way to /usr/lib64/libz.so.1.3
0755  0:0     560 B  /usr/lib64/libz.so.1.3               needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib64

"#]],
    );
}

#[test]
fn plain_files_have_none() {
    check(
        &built("tar:files.tar"),
        "ls tar:files.tar",
        str![[r#"
exit 0
--- stdout
0755  0:0            /etc/
0644  0:0      10 B  /etc/app.conf
0777  0:0            /lib64 -> usr/lib64
0755  0:0            /usr/
0755  0:0            /usr/bin/
0755  0:0     720 B  /usr/bin/app
0755  0:0            /usr/lib64/
0755  0:0     880 B  /usr/lib64/ld-linux-x86-64.so.2
0755  0:0     528 B  /usr/lib64/libc.so.6
0777  0:0            /usr/lib64/libz.so.1 -> libz.so.1.3
0755  0:0     560 B  /usr/lib64/libz.so.1.3

"#]],
    );
}

#[test]
fn a_listing_as_json() {
    let place = Place::new(crate::place::ROOT).file(
        "app.yaml",
        "inputs: {ROOT: {backend: sysroot, path: root}}\nbinaries: [ROOT/usr/bin/static]\n",
    );
    place.run("build app.yaml -q -o oci:image");
    check(
        &place,
        "ls image --json",
        str![[r#"
exit 0
--- stdout
[
  {
    "gid": 0,
    "kind": "directory",
    "layer": null,
    "mode": "0755",
    "path": "/usr",
    "platform": "linux/amd64",
    "reasons": [
      {
        "of": "/usr/bin/static",
        "why": "parent"
      }
    ],
    "size": null,
    "source": null,
    "target": null,
    "uid": 0,
    "xattrs": []
  },
  {
    "gid": 0,
    "kind": "directory",
    "layer": null,
    "mode": "0755",
    "path": "/usr/bin",
    "platform": "linux/amd64",
    "reasons": [
      {
        "of": "/usr/bin/static",
        "why": "parent"
      }
    ],
    "size": null,
    "source": null,
    "target": null,
    "uid": 0,
    "xattrs": []
  },
  {
    "gid": 0,
    "kind": "file",
    "layer": null,
    "mode": "0755",
    "path": "/usr/bin/static",
    "platform": "linux/amd64",
    "reasons": [
      {
        "line": 2,
        "section": "binaries",
        "why": "declared"
      }
    ],
    "size": 249,
    "source": {
      "input": "ROOT",
      "path": "/usr/bin/static"
    },
    "target": null,
    "uid": 0,
    "xattrs": []
  }
]

"#]],
    );
}

#[test]
fn a_manifest_is_no_image() {
    check(
        &Place::with_app(),
        "ls app.yaml",
        str![[r#"
exit 2
--- stderr
error: `app.yaml` is a manifest
hint: `scant plan` lists what it would build, `--packages` of what packages

"#]],
    );
}

#[test]
fn nothing_there() {
    check(
        &Place::with_app(),
        "ls oci:nothing",
        str![[r#"
exit 3
--- stderr
error: cannot read `nothing`: No such file or directory (os error 2)

"#]],
    );
}

#[test]
fn a_tag_that_is_not_there() {
    check(
        &built("oci:image:1"),
        "ls oci:image:2",
        str![[r#"
exit 3
--- stderr
error: `image` has no image tagged `2`; there is: 1

"#]],
    );
}

#[test]
fn several_images_and_no_tag() {
    let place = built("oci:image:1");
    let place = place.file("other.yaml", "directories: [/tmp]\nplatforms: [linux/amd64]\n");
    assert!(place.run("build other.yaml -q -o oci:image:2").status.success());
    check(
        &place,
        "ls oci:image",
        str![[r#"
exit 3
--- stderr
error: `image` holds several images, name one of them by its tag: 1, 2

"#]],
    );
}

#[test]
fn a_file_that_is_no_image() {
    check(
        &Place::with_app(),
        "ls root/etc/app.conf",
        str![[r#"
exit 3
--- stderr
error: `root/etc/app.conf` is not an archive that can be read: the archive ends within a header

"#]],
    );
}

#[test]
fn a_platform_that_is_not_there() {
    check(
        &built("oci:image"),
        "ls oci:image --platform linux/arm64",
        str![[r#"
exit 3
--- stderr
error: the image is not made for linux/arm64; there is: linux/amd64

"#]],
    );
}

#[test]
fn of_several_images_the_latest_is_meant() {
    let place = built("oci:image:latest");
    let place = place.file("other.yaml", "directories: [/tmp]\nplatforms: [linux/amd64]\n");
    assert!(place.run("build other.yaml -q -o oci:image:2").status.success());
    let named = place.run("ls oci:image:latest");
    let unnamed = place.run("ls oci:image");
    assert!(unnamed.status.success(), "{}", place.seen(&unnamed));
    assert_eq!(unnamed.stdout, named.stdout);
}

#[test]
fn a_directory_that_does_not_look_like_a_root() {
    let place = Place::new("/README \"text\"\n");
    check(
        &place,
        "ls root",
        str![[r#"
exit 0
--- stdout
0644  0:0       4 B  /README
--- stderr
note: `root` is taken as a root file system, and does not look like one; `rootfs:root` says that it is

"#]],
    );
    check(
        &place,
        "ls rootfs:root",
        str![[r#"
exit 0
--- stdout
0644  0:0       4 B  /README

"#]],
    );
    // A project has a `bin` as well.
    let place = Place::new("/bin/tool \"text\"\n/Cargo.toml \"\"\n");
    check(
        &place,
        "ls root",
        str![[r#"
exit 0
--- stdout
0644  0:0       0 B  /Cargo.toml
0755  0:0            /bin/
0644  0:0       4 B  /bin/tool
--- stderr
note: `root` is taken as a root file system, and does not look like one; `rootfs:root` says that it is

"#]],
    );
    check(
        &Place::new("/etc/hosts \"text\"\n"),
        "ls root",
        str![[r#"
exit 0
--- stdout
0755  0:0            /etc/
0644  0:0       4 B  /etc/hosts

"#]],
    );
    check(
        &place,
        "run root --quiet -- /gone",
        str![[r#"
exit 127
--- stderr
error: `/gone` is not in the image

"#]],
    );
}

#[test]
fn an_empty_directory() {
    check(
        &Place::new("/"),
        "ls root",
        str![[r#"
exit 3
--- stderr
error: `root` is not an image or a root file system: the directory is empty

"#]],
    );
    check(
        &Place::new("/"),
        "ls rootfs:root",
        str![[r#"
exit 0

"#]],
    );
}
