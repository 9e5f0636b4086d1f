//! Words of configuration files: lines that begin with a keyword, and the words after it. This is
//! all that rules can ask of a file; whatever needs a real parser of its format is not asked.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::formats::suggestion_rules::Lines;

/// The words of a text that count, in their order.
pub(super) fn words(text: &[u8], lines: &Lines) -> Vec<String> {
    let Ok(text) = core::str::from_utf8(text) else { return Vec::new() };
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim_start();
        let Some(rest) = rest_of(line, &lines.after) else { continue };
        let trimmed =
            rest.split_whitespace().map(|word| word.trim_matches(|c: char| lines.trim.contains(c)));
        for word in trimmed.filter(|word| !word.is_empty() && counts(word, lines)) {
            let word = word.to_string();
            if !found.contains(&word) {
                found.push(word);
            }
        }
    }
    found
}

/// What follows the keyword of a line; the whole line where no keyword is asked for.
fn rest_of<'l>(line: &'l str, keywords: &[String]) -> Option<&'l str> {
    if keywords.is_empty() {
        return Some(line);
    }
    keywords.iter().find_map(|keyword| {
        let rest = line.strip_prefix(keyword.as_str())?;
        // A keyword is a whole word, but where it ends in a sign of its own.
        let is_whole = keyword.ends_with([':', '=']) || rest.starts_with(char::is_whitespace);
        is_whole.then_some(rest)
    })
}

fn counts(word: &str, lines: &Lines) -> bool {
    let matches = |glob: &String| fast_glob::glob_match(glob.as_bytes(), word.as_bytes());
    (lines.like.is_empty() || lines.like.iter().any(matches)) && !lines.skip.iter().any(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &Lines, text: &str, expected: &str) {
        assert_eq!(words(text.as_bytes(), lines).join(" "), expected);
    }

    fn texts(words: &str) -> Vec<String> {
        words.split(' ').filter(|word| !word.is_empty()).map(String::from).collect()
    }

    #[test]
    fn name_services() {
        let lines = Lines {
            after: texts("passwd: hosts:"),
            skip: texts(r"files dns \[* *\]"),
            ..Lines::default()
        };
        let text = "\
# passwd: comment
passwd:   files systemd
group:    files other
hosts:files mdns4_minimal [NOTFOUND=return] dns # myhostname
passwd_compat: nis
";
        check(&lines, text, "systemd mdns4_minimal");
    }

    #[test]
    fn pluggable_authentication() {
        let lines = Lines { like: texts("pam_*.so /**/pam_*.so"), ..Lines::default() };
        let text = "\
auth [success=1 default=ignore] pam_unix.so nullok
@include common-session
-session optional pam_systemd.so
account required /lib/security/pam_own.so
account required pam_unix.so
";
        check(&lines, text, "pam_unix.so pam_systemd.so /lib/security/pam_own.so");
    }

    #[test]
    fn directives() {
        let lines = Lines { after: texts("load_module"), trim: "\"';".into(), ..Lines::default() };
        let text = "\
load_module modules/ngx_a.so;
  load_module \"/opt/ngx_b.so\";
load_modules not;
";
        check(&lines, text, "modules/ngx_a.so /opt/ngx_b.so");
    }
}
