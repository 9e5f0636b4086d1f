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

/// What is at an output: its files by path, with their content; nothing if it is absent.
fn content(at: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    if at.is_file() {
        return vec![(at.to_path_buf(), fs::read(at).expect("it is ours"))];
    }
    let Ok(entries) = fs::read_dir(at) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("it is ours").path());
    let mut all: Vec<_> = paths.flat_map(|path| content(&path)).collect();
    all.sort();
    all
}

#[test]
fn whenever_a_signal_comes_an_output_is_the_old_one_or_the_new_one() {
    const TRIES: u64 = 300;
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let here = directory.path();
    for name in ["old", "new"] {
        fs::create_dir(here.join(name)).expect("it is ours");
        for n in 0..100_u32 {
            let text = format!("{name} {n} ").repeat(3000);
            fs::write(here.join(format!("{name}/{n}")), text).expect("it is ours");
        }
        let manifest = format!("data:\n  - ./{name}:/data\n");
        fs::write(here.join(format!("{name}.yml")), manifest).expect("it is ours");
    }
    let outputs = ["oci-archive:out/a", "docker-archive:out/b", "tar:out/c", "rootfs:out/d"];
    let expected = |name: &str| {
        fs::create_dir_all(here.join("out")).expect("it is ours");
        let words = outputs.map(|output| format!("-o {output}")).join(" ");
        scant(here, &format!("build -q {name}.yml --compression none {words}")).ok();
        let all = ["a", "b", "c", "d"].map(|file| content(&here.join("out").join(file)));
        fs::remove_dir_all(here.join("out")).expect("it is ours");
        all
    };
    let (old, new) = (expected("old"), expected("new"));
    fs::create_dir(here.join("out")).expect("it is ours");
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut ended = 0;
    for number in 0..TRIES {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let which = (number % 4) as usize;
        let name = if number / 4 % 2 == 0 { "old" } else { "new" };
        let mut build = Command::new(env!("CARGO_BIN_EXE_scant"))
            .args(["build", "-q", "--force", "--compression", "none", &format!("{name}.yml")])
            .args(["-o", outputs[which]])
            .current_dir(here)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it was built");
        sleep(Duration::from_micros(random % 50_000));
        let signal = ["-INT", "-TERM", "-KILL"][(random >> 40) as usize % 3];
        let pid = build.id().to_string();
        // It may have ended by itself: then there is nobody to tell.
        let _ = Command::new("kill").args([signal, &pid]).stderr(Stdio::null()).status();
        ended += usize::from(!build.wait().expect("it is ours").success());
        let found = content(&here.join("out").join(["a", "b", "c", "d"][which]));
        assert!(
            found.is_empty() || found == old[which] || found == new[which],
            "try {number}: {signal} left {} half written",
            outputs[which]
        );
    }
    assert!(ended > 0, "every build was faster than the signal");
    println!("{ended} of {TRIES} builds were ended by a signal");
    let words = outputs.map(|output| format!("-o {output}")).join(" ");
    scant(here, &format!("build -q --force new.yml --compression none {words}")).ok();
    let names = fs::read_dir(here.join("out")).expect("it is ours");
    let mut names: Vec<_> = names.map(|entry| entry.expect("it is ours").file_name()).collect();
    names.sort();
    assert_eq!(names, ["a", "b", "c", "d"]);
}
