//! Which known word was meant.

use alloc::string::String;
use alloc::vec::Vec;

/// The candidate that is at most a third of the word's letters away, the nearest first.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let letters = word.chars().take(65).count();
    if letters > 64 {
        return None;
    }
    let most = letters.div_ceil(3);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= most && *distance < letters)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The words in backticks, separated by commas.
pub(crate) fn list_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| alloc::format!("`{word}`")).collect();
    words.join(", ")
}

/// Levenshtein's distance, case ignored.
fn distance(left: &str, right: &str) -> usize {
    let letters = |text: &str| text.chars().map(|c| c.to_ascii_lowercase()).collect::<Vec<_>>();
    let (left, right) = (letters(left), letters(right));
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_near_and_another_word_is_not() {
        let known = ["binaries", "data", "directories"];
        assert_eq!(nearest("binares", known), Some("binaries"));
        assert_eq!(nearest("Data", known), Some("data"));
        assert_eq!(nearest("packages", known), None);
    }
}
