//! Things that are remembered by name, a few at a time.
//!
//! In: things with their ids. Out: the same, while they are among those used last. Nothing is ever written down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A shelf with room for a few.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    /// The one used last at the end.
    kept: Mutex<Vec<(String, Arc<T>)>>,
    most: usize,
}

impl<T> Shelf<T> {
    /// An empty shelf.
    pub(super) fn new(most: usize) -> Shelf<T> {
        Shelf { kept: Mutex::default(), most }
    }

    /// What is kept under an id.
    pub(super) fn get(&self, id: &str) -> Option<Arc<T>> {
        let mut kept = self.kept();
        let at = kept.iter().position(|(own, _)| own == id)?;
        let entry = kept.remove(at);
        let found = Arc::clone(&entry.1);
        kept.push(entry);
        Some(found)
    }

    /// Keeps a thing; the one used longest ago makes room.
    pub(super) fn add(&self, id: &str, thing: Arc<T>) {
        let mut kept = self.kept();
        kept.retain(|(own, _)| own != id);
        kept.push((id.to_owned(), thing));
        let surplus = kept.len().saturating_sub(self.most);
        kept.drain(..surplus);
    }

    /// Everything, the one used last at the end.
    pub(super) fn all(&self) -> Vec<Arc<T>> {
        self.kept().iter().map(|(_, thing)| Arc::clone(thing)).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(String, Arc<T>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_used_longest_ago_makes_room() {
        let shelf = Shelf::new(2);
        shelf.add("a", Arc::new(1));
        shelf.add("b", Arc::new(2));
        assert!(shelf.get("a").is_some());
        shelf.add("c", Arc::new(3));
        assert!(shelf.get("b").is_none());
        let kept: Vec<i32> = shelf.all().iter().map(|thing| **thing).collect();
        assert_eq!(kept, [1, 3]);
    }
}
