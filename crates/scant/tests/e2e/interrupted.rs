//! Outputs appear complete, or not at all: whenever a build is killed.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use scant_testkit::check_archive;

use crate::scant::scant;

#[test]
fn a_killed_build_leaves_nothing_half_written_and_the_next_one_works() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let here = directory.path();
    // Long enough to be caught in the middle of.
    File::create(here.join("zeros")).and_then(|f| f.set_len(200 << 20)).expect("it is ours");
    fs::write(here.join("app.yml"), "data:\n  - ./zeros:/zeros\n").expect("it is ours");
    let outputs = ["-o", "oci-archive:app.tar", "-o", "rootfs:root"];
    let mut killed = 0;
    for milliseconds in [5, 20, 50, 100, 200, 400] {
        let mut build = Command::new(env!("CARGO_BIN_EXE_scant"))
            .args(["build", "app.yml"])
            .args(outputs)
            .current_dir(here)
            .stderr(Stdio::null())
            .spawn()
            .expect("it was built");
        sleep(Duration::from_millis(milliseconds));
        build.kill().expect("it is ours");
        killed += usize::from(!build.wait().expect("it is ours").success());
        let archive = here.join("app.tar");
        if archive.exists() {
            assert_eq!(check_archive(&archive), Vec::<String>::new(), "{milliseconds} ms");
            fs::remove_file(archive).expect("it is ours");
        }
        if let Ok(file) = fs::metadata(here.join("root/zeros")) {
            assert_eq!(file.len(), 200 << 20, "{milliseconds} ms");
            fs::remove_dir_all(here.join("root")).expect("it is ours");
        }
    }
    assert!(killed > 0, "every build was faster than the hand that kills it");
    scant(here, "build app.yml -o oci-archive:app.tar -o rootfs:root").ok();
    assert_eq!(check_archive(here.join("app.tar")), Vec::<String>::new());
    assert_eq!(fs::metadata(here.join("root/zeros")).map(|f| f.len()).ok(), Some(200 << 20));
    // What the killed ones had begun is gone as well.
    let names = fs::read_dir(here).expect("it is ours");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("it is ours").file_name();
    let mut names: Vec<_> = names.map(name).collect();
    names.sort();
    assert_eq!(names, ["app.tar", "app.yml", "root", "zeros"]);
}
