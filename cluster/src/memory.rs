//! A memory of bounded size.
//!
//! What was asked for lately stays: entries live in two halves, and when the new half is full the old one is forgotten and the
//! new one becomes the old. An entry found in the old half moves to the new one.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// Entries of one half.
const HALF: usize = 250_000;

/// What is remembered by text.
#[derive(Debug)]
pub(crate) struct Memory<T> {
    new: HashMap<Box<str>, T, FixedState>,
    old: HashMap<Box<str>, T, FixedState>,
    half: usize,
}

impl<T> Default for Memory<T> {
    fn default() -> Memory<T> {
        Memory { new: HashMap::default(), old: HashMap::default(), half: HALF }
    }
}

impl<T: Clone> Memory<T> {
    /// What is remembered of a text.
    pub(crate) fn get(&mut self, text: &str) -> Option<T> {
        if let Some(found) = self.new.get(text) {
            return Some(found.clone());
        }
        let found = self.old.remove(text)?;
        self.put(text, found.clone());
        Some(found)
    }

    /// Remembers something.
    pub(crate) fn put(&mut self, text: &str, what: T) {
        if self.new.len() >= self.half {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(text.into(), what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
        let mut memory = Memory { half: 2, ..Memory::default() };
        for number in 0..5 {
            memory.put(&number.to_string(), number);
            assert_eq!(memory.get("0"), Some(0), "after {number}");
        }
        assert_eq!(memory.get("1"), None);
        assert!(memory.new.len() + memory.old.len() <= 4);
    }
}
