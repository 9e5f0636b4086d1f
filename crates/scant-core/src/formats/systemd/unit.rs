//! Units of systemd, as far as they say how a service is started. Nothing is known here of drop-ins,
//! of generators and of what the manager adds by itself.
//! [systemd.syntax(7)](https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html)

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::words;

/// The settings of a unit, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    settings: Vec<Setting>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Setting {
    section: String,
    key: String,
    value: String,
}

/// A command line of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitCommand {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Words that only the manager knows the meaning of, as they are written.
    pub left_out: Vec<String>,
}

impl Unit {
    /// Reads a unit. What is no setting says nothing.
    pub fn parse(text: &str) -> Self {
        let (mut settings, mut section) = (Vec::new(), String::new());
        for line in logical_lines(text) {
            let line = line.trim();
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name.to_owned();
            } else if let Some((key, value)) = line.split_once('=') {
                let [key, value] = [key, value].map(|text| text.trim().to_owned());
                settings.push(Setting { section: section.clone(), key, value });
            }
        }
        Self { settings }
    }

    /// All values of a key that counts several times. An empty one takes back those before it.
    pub fn all(&self, section: &str, key: &str) -> Vec<&str> {
        let mut values = Vec::new();
        for setting in &self.settings {
            if setting.section == section && setting.key == key {
                match &*setting.value {
                    "" => values.clear(),
                    value => values.push(value),
                }
            }
        }
        values
    }

    /// The value of a key that counts once.
    pub fn last(&self, section: &str, key: &str) -> Option<&str> {
        self.all(section, key).pop()
    }

    /// The words of a key whose value is a list of them.
    pub fn list(&self, section: &str, key: &str) -> Vec<String> {
        self.all(section, key).into_iter().flat_map(words).collect()
    }

    /// The variables that the service is given by the unit itself.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let words = self.list("Service", "Environment");
        let pair = |word: &String| Some(word.split_once('=')?).map(|(k, v)| (k.into(), v.into()));
        words.iter().filter_map(pair).collect()
    }
}

/// A file of variables: `NAME=value`, one a line, perhaps in quotes.
pub fn environment_file(text: &str) -> BTreeMap<String, String> {
    let line = |line: String| {
        let line = line.trim();
        let (name, value) = line.split_once('=')?;
        let value = value.trim();
        let quoted = |quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
        Some((name.trim().to_owned(), value.to_owned()))
    };
    logical_lines(text).filter_map(line).collect()
}

/// Reads a value of `ExecStart`. Variables stand for these values. None if it names no program.
/// [systemd.service(5), command lines](https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Command%20lines)
pub fn command(value: &str, variables: &BTreeMap<String, String>) -> Option<UnitCommand> {
    let line = value.trim_start_matches(['@', '-', ':', '+', '!', '|']);
    let prefix = &value[..value.len() - line.len()];
    let mut all = words(line).into_iter();
    let program = unescaped(&all.next()?)?;
    if prefix.contains('@') {
        // The name that the program is told it has.
        all.next();
    }
    let mut command = UnitCommand { words: Vec::from([program]), left_out: Vec::new() };
    for word in all {
        // One command may follow another.
        if word == ";" {
            break;
        }
        let whole = word.strip_prefix('$').filter(|name| is_name(name));
        match (whole.map(|name| variables.get(name)), expanded(&word, variables)) {
            (Some(Some(value)), _) => {
                command.words.extend(value.split_whitespace().map(Into::into));
            }
            (Some(None), _) | (None, None) => command.left_out.push(word),
            (None, Some(word)) => command.words.push(word),
        }
    }
    Some(command)
}

/// The command that a shell becomes in the end, of a command line that starts one for that:
/// `/bin/sh -c "...; exec PROGRAM"`. The shell's own variables are left out.
pub fn executed(
    command: &UnitCommand,
    variables: &BTreeMap<String, String>,
) -> Option<UnitCommand> {
    let [shell, option, script] = &command.words[..] else { return None };
    let name = shell.rsplit('/').next()?;
    if !matches!(name, "sh" | "bash" | "dash") || option != "-c" {
        return None;
    }
    let (before, line) = script.rsplit_once("exec ")?;
    let is_command = before.is_empty() || before.ends_with([' ', ';', '&', '|', '\t']);
    let end = line.find([';', '&', '|', '<', '>']).unwrap_or(line.len());
    let (line, after) = line.split_at(end);
    // The number of what is redirected.
    let line = match line.rsplit_once([' ', '\t']) {
        Some((line, number)) if after.starts_with(['<', '>']) && is_number(number) => line,
        _ => line,
    };
    let is_literal = !line.contains('`') && !line.contains("$(");
    self::command(line, variables).filter(|_| is_command && is_literal)
}

/// A word with its variables and `%%` as what they stand for; none if one is not known.
fn expanded(word: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let (mut text, mut rest) = (String::new(), word);
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at(at);
        let (name, after) = after[2..].split_once('}')?;
        text += &unescaped(before)?;
        text += variables.get(name)?;
        rest = after;
    }
    text += &unescaped(rest)?;
    Some(text)
}

/// A text without specifiers: `%%` is a percent sign, `$$` a dollar.
fn unescaped(text: &str) -> Option<String> {
    let has_specifier = text.replace("%%", "").contains('%');
    (!has_specifier).then(|| text.replace("%%", "%").replace("$$", "$"))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn is_name(text: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.bytes().all(is_inner)
}

/// Lines without comments, those that end in a backslash with the next one.
fn logical_lines(text: &str) -> impl Iterator<Item = String> {
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with(['#', ';']));
    core::iter::from_fn(move || {
        let mut whole = lines.next()?.to_owned();
        while let Some(start) = whole.strip_suffix('\\') {
            whole = alloc::format!("{start} {}", lines.next().unwrap_or_default());
        }
        Some(whole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(value: &str, words: &[&str], left_out: &[&str]) {
        let variables = [("OPTS", "-a  -b"), ("FILE", "/etc/x y")];
        let variables = variables.map(|(k, v)| (k.into(), v.into())).into();
        let found = command(value, &variables).expect("it names a program");
        assert_eq!((found.words, found.left_out), (owned(words), owned(left_out)), "{value}");
    }

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_command_line_is_what_the_manager_makes_of_it() {
        case("/bin/a -g 'daemon on;' \"b c\"d", &["/bin/a", "-g", "daemon on;", "b cd"], &[]);
        case("-+/bin/a", &["/bin/a"], &[]);
        case("@/bin/a name -x", &["/bin/a", "-x"], &[]);
        case(
            "/bin/a $OPTS ${FILE} --file=${FILE}",
            &["/bin/a", "-a", "-b", "/etc/x y", "--file=/etc/x y"],
            &[],
        );
        case("/bin/a $GONE -x %i 100%% $$1", &["/bin/a", "-x", "100%", "$1"], &["$GONE", "%i"]);
        case("/bin/a --pid=${GONE}", &["/bin/a"], &["--pid=${GONE}"]);
        case("/bin/a ; /bin/b", &["/bin/a"], &[]);
        assert_eq!(command("", &BTreeMap::new()), None);
    }

    #[test]
    fn a_shell_becomes_a_program() {
        let case = |value: &str, expected: Option<(&[&str], &[&str])>| {
            let variables = BTreeMap::new();
            let found = executed(&command(value, &variables).expect("a shell"), &variables);
            let expected = expected.map(|(words, left_out)| (owned(words), owned(left_out)));
            assert_eq!(found.map(|found| (found.words, found.left_out)), expected, "{value}");
        };
        case(
            "/bin/sh -c \"[ -e /x ] && A= || A=`/y`; exec /usr/sbin/a -v $A\"",
            Some((&["/usr/sbin/a", "-v"], &["$A"])),
        );
        case("/usr/bin/bash -c 'exec /a; true'", Some((&["/a"], &[])));
        case("/bin/sh -c 'exec /a -v >/var/log/a 2>&1'", Some((&["/a", "-v"], &[])));
        case("/bin/sh -c 'exec /a -n 2 2>/x'", Some((&["/a", "-n", "2"], &[])));
        case("/bin/sh -c 'exec /a `/b`'", None);
        case("/bin/sh -c 'exec /a $(/b)'", None);
        case("/bin/sh -c '/a --run \"exec /b\"'", None);
        case("/bin/sh -c '/a'", None);
        case("/bin/sh -c 'noexec /a'", None);
        case("/bin/sh /a", None);
        case("/bin/a -c 'exec /b'", None);
    }

    #[test]
    fn settings_are_read_with_their_sections() {
        let unit = Unit::parse(
            "[Unit]\nUser=no\n[Service]\n# a\nUser = web\nExecStart=/bin/a \\\n; b\n  -x\nExecStart=\n\
             ExecStart=/bin/b\nEnvironment=A=1 \"B=2 3\"\nnonsense\n",
        );
        assert_eq!(unit.last("Service", "User"), Some("web"));
        assert_eq!(unit.all("Service", "ExecStart"), ["/bin/b"]);
        let environment = unit.environment();
        assert_eq!(environment.get("B").map(String::as_str), Some("2 3"));
        assert_eq!(unit.last("Service", "Group"), None);
    }

    #[test]
    fn a_file_of_variables() {
        let read = environment_file("# c\nA=1\nB=\"-x -y\"\nC='z'\nnonsense\n");
        let values: Vec<_> = read.iter().map(|(k, v)| alloc::format!("{k}={v}")).collect();
        assert_eq!(values, ["A=1", "B=-x -y", "C=z"]);
    }
}
