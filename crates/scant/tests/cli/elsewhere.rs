//! What commands say and do of inputs that are elsewhere.

use snapbox::str;

use crate::check::check;
use crate::place::Place;

#[test]
fn what_is_not_locked_is_said_by_all_who_plan() {
    let manifest = "\
inputs: {BASE: {backend: oci, image: 'docker://registry.example.com/base:1'}}
data: [BASE/etc/app.conf]
";
    let place = Place::with_app().file("scant.yaml", manifest);
    for line in ["plan", "why scant.yaml /a", "check scant.yaml", "build"] {
        let output = place.run(&format!("{line} --offline"));
        let note = "note: BASE is not locked; `scant lock` keeps what it is now\nerror: ";
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.starts_with(note), "{line}: {stderr}");
    }
    let quiet = place.run("build --offline --quiet");
    assert!(quiet.stderr.starts_with(b"error: "), "{quiet:?}");
}

#[test]
fn the_platform_is_that_of_the_image_where_nothing_else_says_one() {
    let place = Place::with_app()
        .file("base.yaml", "platforms: [linux/arm64]\ndata: ['./app.yaml:/etc/app.yaml']\n")
        .file(
            "scant.yaml",
            "inputs: {BASE: {backend: oci, image: 'oci-archive:base.tar'}}\n\
             data: [BASE/etc/app.yaml:/a]\n",
        );
    assert!(place.run("build base.yaml -q").status.success());
    check(
        &place,
        "plan",
        str![[r#"
exit 0
--- stdout
0644  0:0     173 B  /a  declared in `data` at line 2
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then
linux/arm64: 1 path, 173 B of files

"#]],
    );
}
