//! Control files, deb822(5): paragraphs of fields. One paragraph is looked at at a time, and nothing
//! of it is copied: indexes have tens of thousands.

/// A paragraph: the lines of it, none of them empty.
#[derive(Clone, Copy, Debug)]
pub struct Paragraph<'a> {
    text: &'a str,
    /// The number of its first line, from 1.
    pub line: usize,
}

/// The paragraphs of a text, which are parted by lines that are empty or blank.
pub fn paragraphs(text: &str) -> Paragraphs<'_> {
    Paragraphs { rest: text, line: 1 }
}

/// See [`paragraphs`].
#[derive(Clone, Debug)]
pub struct Paragraphs<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Iterator for Paragraphs<'a> {
    type Item = Paragraph<'a>;

    fn next(&mut self) -> Option<Paragraph<'a>> {
        loop {
            let (line, after) = split_line(self.rest)?;
            if !is_blank(line) && !line.starts_with('#') {
                break;
            }
            self.rest = after;
            self.line += 1;
        }
        let (start, first) = (self.rest, self.line);
        while let Some((line, after)) = split_line(self.rest) {
            if is_blank(line) {
                break;
            }
            self.rest = after;
            self.line += 1;
        }
        let text = &start[..start.len() - self.rest.len()];
        Some(Paragraph { text, line: first })
    }
}

fn is_blank(line: &str) -> bool {
    line.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r'))
}

fn split_line(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    Some(match memchr::memchr(b'\n', text.as_bytes()) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, ""),
    })
}

impl<'a> Paragraph<'a> {
    /// All of it, as it is written.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Names and values of its fields. A value goes over all lines that begin with a blank; comments
    /// between them stay in it. A line that is no field is left out.
    pub fn fields(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.text;
        core::iter::from_fn(move || {
            loop {
                let (line, after) = split_line(rest)?;
                let mut end = after;
                while let Some((next, after)) = split_line(end) {
                    if !next.starts_with([' ', '\t', '#']) {
                        break;
                    }
                    end = after;
                }
                let whole = &rest[..rest.len() - end.len()];
                rest = end;
                if line.starts_with('#') {
                    continue;
                }
                if let Some((name, _)) = line.split_once(':') {
                    return Some((name.trim_end(), whole[name.len() + 1..].trim()));
                }
            }
        })
    }

    /// The value of a field, whose name is compared without case.
    pub fn get(self, name: &str) -> Option<&'a str> {
        self.fields().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// The lines of a value that has one thing a line, without blanks, empty lines and comments.
pub fn lines(value: &str) -> impl Iterator<Item = &str> {
    value.lines().filter(|line| !line.starts_with('#')).map(str::trim).filter(|l| !l.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use core::fmt::Write as _;

    #[test]
    fn paragraphs_are_read() {
        let case = |text: &str, expected: &str| {
            let mut shown = String::new();
            for paragraph in paragraphs(text) {
                for (name, value) in paragraph.fields() {
                    write!(shown, "{}:{name}={value:?} ", paragraph.line).unwrap();
                }
                shown.push('|');
            }
            assert_eq!(shown, expected);
        };
        case("", "");
        case("\n\n", "");
        case("A: 1\nB:2\n", "1:A=\"1\" 1:B=\"2\" |");
        case("A: 1\n\nB: 2", "1:A=\"1\" |3:B=\"2\" |");
        case("\n# c\n\nA: 1\n \t\n\nB: 2", "4:A=\"1\" |7:B=\"2\" |");
        case("A:\n x\n .\n y\nB: 1", "1:A=\"x\\n .\\n y\" 1:B=\"1\" |");
        case("A: 1\n# c\n x\nB: 2", "1:A=\"1\\n# c\\n x\" 1:B=\"2\" |");
        case("A: 1\r\nB: 2\r\n\r\nC: 3\r\n", "1:A=\"1\" 1:B=\"2\" |4:C=\"3\" |");
        case("nonsense\nA: 1", "1:A=\"1\" |");
        case(" x\nA: b:c", "1:A=\"b:c\" |");
    }

    #[test]
    fn a_field_is_found() {
        let paragraph = paragraphs("Package: a\nversion: 1\n").next().unwrap();
        assert_eq!(paragraph.get("Version"), Some("1"));
        assert_eq!(paragraph.get("None"), None);
        assert!(lines("\n a\n# c\n  b \n").eq(["a", "b"]));
    }
}
