//! The command that uses a server: run on this machine, with `sh`, for as long as there is time.

use std::io::{self, BufRead as _, BufReader, PipeReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Lines of its output that are told when it fails.
const LAST_LINES: usize = 5;
/// A longer line is passed on in pieces.
const LONGEST_LINE: u64 = 1 << 12;
/// How often it is looked whether it has ended.
const BETWEEN: Duration = Duration::from_millis(10);
/// How long is waited for output of what it left running.
const REST: Duration = Duration::from_millis(500);

/// Runs a command line. What it prints is passed on to standard error. It is killed, with all that
/// it started, when `is_late` says so.
pub(super) fn exercise(line: &str, is_late: &dyn Fn() -> bool) -> Result<(), String> {
    let cannot = |error: io::Error| format!("`--exercise {line}` cannot be started: {error}");
    let (reading, writing) = io::pipe().map_err(cannot)?;
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).stdin(Stdio::null()).process_group(0);
    command.stdout(writing.try_clone().map_err(cannot)?).stderr(writing);
    let mut child = command.spawn().map_err(cannot)?;
    // It holds the ends that are written to.
    drop(command);
    let last = Arc::new(Mutex::new(Vec::new()));
    let copied = Arc::clone(&last);
    // Not waited for: what the command left running may print for ever.
    let copying = thread::spawn(move || copy(reading, &copied));
    let ended = wait(&mut child, is_late).map_err(cannot)?;
    let until = Instant::now() + REST;
    while !copying.is_finished() && Instant::now() < until {
        thread::sleep(BETWEEN);
    }
    let why = match ended {
        Some(status) if status.success() => return Ok(()),
        Some(status) => format!("failed: {status}"),
        None => "did not end in time".to_string(),
    };
    let lines = last.lock().map_or_else(|_| Vec::new(), |lines| lines.clone());
    let lines: String = lines.iter().map(|line| format!("\n{line}")).collect();
    Err(format!("`--exercise {line}` {why}{lines}"))
}

/// Its status; none if it was killed.
fn wait(child: &mut Child, is_late: &dyn Fn() -> bool) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if is_late() {
            // Its group is its own, so that nobody else is meant.
            let kill = format!("kill -KILL -{}", child.id());
            let _ = Command::new("/bin/sh").args(["-c", &kill]).stdin(Stdio::null()).status();
            let _ = child.kill();
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(BETWEEN);
    }
}

fn copy(from: PipeReader, last: &Mutex<Vec<String>>) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    let mut next = |line: &mut Vec<u8>| (&mut from).take(LONGEST_LINE).read_until(b'\n', line);
    while matches!(next(&mut line), Ok(count) if count > 0) {
        let _ = io::stderr().write_all(&line);
        let Ok(mut lines) = last.lock() else { return };
        lines.push(String::from_utf8_lossy(&line).trim_end().to_string());
        let cut = lines.len().saturating_sub(LAST_LINES);
        lines.drain(..cut);
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_is_told_with_its_last_lines() {
        let text = exercise("seq 9 >&2; exit 3", &|| false).unwrap_err();
        assert_eq!(text, "`--exercise seq 9 >&2; exit 3` failed: exit status: 3\n5\n6\n7\n8\n9");
        assert_eq!(exercise("true", &|| false), Ok(()));
    }

    #[test]
    fn all_of_one_that_does_not_end_is_killed() {
        let line = "sleep 1000 & wait";
        let text = exercise(line, &|| true).unwrap_err();
        assert_eq!(text, format!("`--exercise {line}` did not end in time"));
    }

    #[test]
    fn what_it_leaves_running_is_not_waited_for() {
        let place = tempfile::tempdir().unwrap();
        let fifo = place.path().join("end");
        let fifo = fifo.display();
        // The one that is left keeps the output open until the test lets it end.
        assert_eq!(exercise(&format!("mkfifo {fifo}; cat {fifo} &"), &|| false), Ok(()));
        std::fs::write(format!("{fifo}"), "").unwrap();
    }
}
