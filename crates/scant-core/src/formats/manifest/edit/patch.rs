//! What an edit changed, as a unified diff that `patch` reads.

use alloc::string::String;
use alloc::vec::Vec;

use super::Edited;
use super::place::{Change, apply};

/// Lines that are shown around a change.
const CONTEXT: usize = 3;

/// Lines of the old text that became other ones.
struct Hunk<'t> {
    /// The first line that is gone or pushed down, from 0.
    first: usize,
    removed: Vec<&'t str>,
    added: Vec<String>,
}

/// The difference between a text and what it became.
pub fn patch(name: &str, text: &str, edited: &Edited) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let hunks = hunks(text, &lines, &edited.changes);
    let mut out = alloc::format!("--- {name}\n+++ {name}\n");
    let mut shift = 0_isize;
    let mut at = 0;
    while at < hunks.len() {
        // Changes whose surroundings touch are shown together.
        let mut last = at;
        while hunks.get(last + 1).is_some_and(|next| {
            next.first.saturating_sub(hunks[last].first + hunks[last].removed.len()) <= 2 * CONTEXT
        }) {
            last += 1;
        }
        shift = show(&mut out, &lines, &hunks[at..=last], shift);
        at = last + 1;
    }
    out
}

fn show(out: &mut String, lines: &[&str], hunks: &[Hunk<'_>], shift: isize) -> isize {
    let (Some(head), Some(tail)) = (hunks.first(), hunks.last()) else { return shift };
    let start = head.first.saturating_sub(CONTEXT);
    let end = (tail.first + tail.removed.len() + CONTEXT).min(lines.len());
    let added: usize = hunks.iter().map(|hunk| hunk.added.len()).sum();
    let removed: usize = hunks.iter().map(|hunk| hunk.removed.len()).sum();
    let old = end - start;
    let new = old + added - removed;
    let from = start.saturating_add_signed(shift);
    // An empty stretch is named by the line before it.
    let number = |start: usize, count: usize| if count == 0 { start } else { start + 1 };
    *out += &alloc::format!("@@ -{},{old} +{},{new} @@\n", number(start, old), number(from, new));
    let mut line = |mark: char, text: &str| {
        out.push(mark);
        *out += text;
        if !text.ends_with('\n') {
            *out += "\n\\ No newline at end of file\n";
        }
    };
    let mut done = start;
    for hunk in hunks {
        lines[done..hunk.first].iter().for_each(|text| line(' ', text));
        hunk.removed.iter().for_each(|text| line('-', text));
        hunk.added.iter().for_each(|text| line('+', text));
        done = hunk.first + hunk.removed.len();
    }
    lines[done..end].iter().for_each(|text| line(' ', text));
    shift.saturating_add_unsigned(added).saturating_sub_unsigned(removed)
}

/// The changes as whole lines.
fn hunks<'t>(text: &str, lines: &[&'t str], changes: &[Change]) -> Vec<Hunk<'t>> {
    let mut starts = Vec::from([0]);
    for line in lines {
        starts.push(starts.last().copied().unwrap_or(0) + line.len());
    }
    let line_of = |at: usize| starts.partition_point(|start| *start <= at).saturating_sub(1);
    let mut regions: Vec<(usize, usize, Vec<Change>)> = Vec::new();
    for change in changes {
        let first = line_of(change.at).min(lines.len());
        let is_between =
            change.removed == 0 && starts[first] == change.at && change.inserted.ends_with('\n');
        // What is put behind a last line without an end changes that line.
        let first =
            if !is_between && first == lines.len() { first.saturating_sub(1) } else { first };
        let last = match is_between {
            true => first,
            false => {
                (line_of((change.at + change.removed).max(change.at)) + 1).clamp(first, lines.len())
            }
        };
        match regions.last_mut() {
            Some((_, end, of)) if first < *end || first == *end && last == first => {
                *end = last.max(*end);
                of.push(change.clone());
            }
            _ => regions.push((first, last, Vec::from([change.clone()]))),
        }
    }
    let hunk = |(first, last, of): (usize, usize, Vec<Change>)| {
        let start = starts[first];
        let of: Vec<_> = of.into_iter().map(|c| Change { at: c.at - start, ..c }).collect();
        let new = apply(&text[start..starts[last]], &of);
        let mut added: Vec<String> = new.split_inclusive('\n').map(String::from).collect();
        let mut removed = lines[first..last].to_vec();
        let (mut first, mut same) = (first, 0);
        while removed.get(same).is_some_and(|line| added.get(same).is_some_and(|new| new == line)) {
            same += 1;
        }
        removed.drain(..same);
        added.drain(..same);
        first += same;
        while removed.last().is_some_and(|line| added.last().is_some_and(|new| new == line)) {
            removed.pop();
            added.pop();
        }
        Hunk { first, removed, added }
    };
    regions.into_iter().map(hunk).collect()
}
