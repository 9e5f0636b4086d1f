//! One build of a subject in its surroundings.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use super::subjects::{Order, Subject, copy};
use super::variations::{Cache, Manifest, Setting, Tree, each_file};
use crate::run::run;

const TMPFS: &str = "/dev/shm";

/// Builds it so, and gives the digests of all that was made as a text. An error is a reason why
/// these surroundings cannot be had.
#[track_caller]
pub(super) fn built(subject: &Subject, setting: &Setting) -> Result<String, String> {
    let made = made(subject, setting.tree)?;
    let tree = made.as_ref().map_or(subject.path(), TempDir::path);
    let output = open_directory(&std::env::temp_dir());
    let build = || shell(subject, setting, tree, output.path());
    let text = if setting.is_busy { busy(build) } else { build() }?;
    match setting.cache {
        Cache::None | Cache::Home | Cache::Cold => return Ok(text),
        Cache::Warm => {}
        Cache::Damaged(damage) => {
            assert!(each_file(&output.path().join("cache"), damage) > 1, "nothing was remembered");
        }
    }
    build()
}

/// A directory that everybody may read and write.
fn open_directory(place: &Path) -> TempDir {
    let directory = tempfile::tempdir_in(place).expect("a temporary directory can be made");
    let all = fs::Permissions::from_mode(0o777);
    fs::set_permissions(directory.path(), all).expect("the directory is ours");
    directory
}

/// The files made again, if they are to be others than those of the subject.
fn made(subject: &Subject, tree: Tree) -> Result<Option<TempDir>, String> {
    let (place, order) = match tree {
        Tree::AsMade => return Ok(None),
        Tree::Backwards => (std::env::temp_dir(), Order::Backwards),
        Tree::Changed(_) => (std::env::temp_dir(), Order::Sorted),
        Tree::OnDisk => (PathBuf::from(env!("CARGO_TARGET_TMPDIR")), Order::Sorted),
        Tree::OnTmpfs => (tmpfs()?, Order::Sorted),
        Tree::BackwardsOnTmpfs => (tmpfs()?, Order::Backwards),
    };
    let directory = open_directory(&place);
    copy(subject.path(), directory.path(), order);
    if let Tree::Changed(change) = tree {
        change(directory.path())?;
    }
    Ok(Some(directory))
}

fn tmpfs() -> Result<PathBuf, String> {
    let ran = run("stat").words("--file-system --format=%T").arg(TMPFS).end();
    let is_tmpfs = ran.code == Some(0) && ran.stdout.trim() == "tmpfs";
    is_tmpfs.then(|| TMPFS.into()).ok_or_else(|| format!("{TMPFS} is no tmpfs"))
}

/// Runs scant by a shell, for the umask and the working directory.
#[track_caller]
fn shell(
    subject: &Subject,
    setting: &Setting,
    tree: &Path,
    output: &Path,
) -> Result<String, String> {
    let name = subject.manifest;
    let absolute = tree.join(name);
    let last = tree.file_name().expect("a temporary directory has a name").display();
    let (directory, manifest) = match setting.manifest {
        Manifest::Beside => (tree, name.to_string()),
        Manifest::Absolute => (Path::new("/"), absolute.display().to_string()),
        Manifest::FromAbove => (tree.parent().expect("likewise"), format!("./{last}/{name}")),
        Manifest::StandardInput => (tree, format!("- <{name}")),
    };
    let cache = match setting.cache {
        Cache::None => "--no-cache".to_string(),
        Cache::Home => String::new(),
        Cache::Cold | Cache::Warm | Cache::Damaged(_) => {
            format!("--cache-dir {}/cache", output.display())
        }
    };
    let script = format!(
        "umask {} && exec \"$0\" build {manifest} --json --quiet --threads {} {cache} -t it:same \
         -o oci:{}/layout",
        setting.umask,
        setting.threads,
        output.display(),
    );
    let program = PathBuf::from(env!("CARGO_BIN_EXE_scant"));
    let (mut command, program) = if setting.is_nobody {
        crate::tools::find("setpriv")
            .ok_or("setpriv is not installed (apt-get install util-linux)")?;
        // The original may lie where only root may go.
        let copied = output.join("scant");
        fs::copy(program, &copied).expect("the program can be copied");
        let user = "--reuid 65534 --regid 65534 --clear-groups";
        (run("setpriv").words(user).words("/bin/sh"), copied)
    } else {
        (run("/bin/sh"), program)
    };
    for name in ["SOURCE_DATE_EPOCH", "XDG_CACHE_HOME", "LANGUAGE", "TZ", "LC_ALL", "LANG"] {
        command = command.without_env(name);
    }
    for (name, value) in setting.environment {
        command = command.env(name, value);
    }
    let command = command.env("HOME", output.join("home")).directory(directory);
    let ran = command.arg("-c").arg(script).arg(program).end();
    if setting.is_nobody && ran.stderr.starts_with("setpriv: ") {
        return Err(format!("only root can be another user: {}", ran.stderr.trim()));
    }
    Ok(digests(&ran.expect(0).stdout, output))
}

/// What the build says it has made, and the index, which names the provenance documents too.
fn digests(said: &str, output: &Path) -> String {
    let mut built: Value = serde_json::from_str(said).expect("`--json` prints JSON");
    built.as_object_mut().expect("it is an object").remove("outputs");
    let index = fs::read_to_string(output.join("layout/index.json")).expect("it was built");
    assert!(index.contains("dev.scant.provenance"), "{index}");
    format!("{built:#}\n{index}")
}

/// Does something while more threads are busy than there are processors.
fn busy<T>(work: impl FnOnce() -> T) -> T {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let count = std::thread::available_parallelism().map_or(2, usize::from) + 1;
        for _ in 0..count.min(9) {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        is_over.store(true, Ordering::Relaxed);
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
