//! What the machine did while something was measured, read from `/proc`.
//! [proc_stat(5)](https://man7.org/linux/man-pages/man5/proc_stat.5.html),
//! [proc_pid_stat(5)](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rustix::param::clock_ticks_per_second;

/// The time of all processors so far, in seconds.
pub(super) struct Activity {
    busy: f64,
    total: f64,
}

impl Activity {
    pub(super) fn now() -> Result<Self, String> {
        Self::parse(&read("/proc/stat")?).ok_or_else(|| "`/proc/stat` is not understood".into())
    }

    /// The first line: user, nice, system, idle, iowait, irq, softirq, steal; the guests' times
    /// that follow are in the first two already.
    fn parse(text: &str) -> Option<Self> {
        let line = text.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> = line.split_whitespace().take(8).flat_map(str::parse).collect();
        let [_, _, _, idle, waiting, ..] = ticks[..] else { return None };
        let total: u64 = ticks.iter().sum();
        let seconds = |ticks| ticks as f64 / clock_ticks_per_second() as f64;
        Some(Self { busy: seconds(total - idle - waiting), total: seconds(total) })
    }

    pub(super) fn since(&self, before: &Self) -> Self {
        Self { busy: self.busy - before.busy, total: self.total - before.total }
    }

    /// The share of the machine that was used by others than the one who used `cpu` seconds.
    pub(super) fn others(&self, cpu: f64) -> f64 {
        if self.total <= 0.0 { 0.0 } else { ((self.busy - cpu) / self.total).max(0.0) }
    }
}

/// A process that works for what is measured without being its child, with all its children.
pub(crate) struct Daemon {
    pub(crate) pid: u32,
}

impl Daemon {
    /// Forgets the peaks so far; returns the seconds used so far.
    pub(super) fn start(&self) -> Result<f64, String> {
        for pid in self.processes()?.keys() {
            // The peak begins again at what it holds now. Not granted to others than root.
            let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5");
        }
        self.used()
    }

    /// The seconds used since then, and the peak of its largest process in bytes.
    pub(super) fn since(&self, before: f64) -> Result<(f64, u64), String> {
        let peak =
            |pid| fs::read_to_string(format!("/proc/{pid}/status")).ok().and_then(|s| peak(&s));
        let largest = self.processes()?.keys().filter_map(peak).max();
        Ok((self.used()? - before, largest.unwrap_or(0)))
    }

    /// Children that ended count: their parent has waited for them.
    fn used(&self) -> Result<f64, String> {
        let ticks: u64 = self.processes()?.values().map(|process| process.ticks).sum();
        Ok(ticks as f64 / clock_ticks_per_second() as f64)
    }

    /// It and its descendants.
    fn processes(&self) -> Result<BTreeMap<u32, Process>, String> {
        let entries = fs::read_dir("/proc").map_err(|error| format!("`/proc`: {error}"))?;
        let process = |name: &str| {
            let pid = name.parse().ok()?;
            Some((pid, parse_process(&read(format!("/proc/{name}/stat")).ok()?)?))
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut others: BTreeMap<u32, Process> = names.filter_map(|name| process(&name)).collect();
        let mut found = BTreeMap::new();
        let mut waiting = vec![self.pid];
        while let Some(pid) = waiting.pop() {
            let Some(process) = others.remove(&pid) else { continue };
            found.insert(pid, process);
            waiting.extend(others.iter().filter(|(_, o)| o.parent == pid).map(|(pid, _)| pid));
        }
        Ok(found)
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Process {
    parent: u32,
    /// User and system time, its own and that of children it has waited for.
    ticks: u64,
}

/// A line of `/proc/PID/stat`. The name in parentheses may hold anything, so what follows is
/// counted from the last one.
fn parse_process(text: &str) -> Option<Process> {
    let fields: Vec<&str> = text[text.rfind(')')? + 1..].split_whitespace().collect();
    // Its first field is the third of the line.
    let number = |field: usize| -> Option<u64> { fields.get(field - 3)?.parse().ok() };
    let ticks = (14..=17).map(number).sum::<Option<u64>>()?;
    Some(Process { parent: u32::try_from(number(4)?).ok()?, ticks })
}

/// `VmHWM` of `/proc/PID/status` in bytes.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

fn read(path: impl AsRef<Path>) -> Result<String, String> {
    let path = path.as_ref();
    fs::read_to_string(path).map_err(|error| format!("`{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_have_what_is_busy_and_not_ours() {
        let ticks = clock_ticks_per_second();
        let text = |busy: u64, idle: u64| {
            format!("cpu  {} 0 0 {} 0 0 0 0 0 0\ncpu0 1\n", busy * ticks, idle * ticks)
        };
        let before = Activity::parse(&text(100, 100)).unwrap();
        let busy = Activity::parse(&text(105, 105)).unwrap().since(&before);
        assert_eq!((busy.others(4.0), busy.others(5.0), busy.others(6.0)), (0.1, 0.0, 0.0));
    }

    #[test]
    fn the_name_of_a_process_may_hold_parentheses() {
        let line = "7 (a) b) S 1 7 7 0 -1 0 0 0 0 0 10 20 300 4000 20 0 1 0 0";
        assert_eq!(parse_process(line), Some(Process { parent: 1, ticks: 4330 }));
    }

    #[test]
    fn the_peak_is_in_bytes() {
        assert_eq!(peak("Name:\tx\nVmHWM:\t     12 kB\n"), Some(12 * 1024));
    }
}
