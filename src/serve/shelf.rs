//! Things that are remembered by a key, a few at a time.
//!
//! In: things with their keys. Out: the same, while they are among those used last. Nothing is ever written down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::units::sha256;

/// Letters of a digest that name a thing in addresses.
const ID_LETTERS: usize = 16;

/// A name for addresses that tells different texts apart.
pub(super) fn id_of(text: &str) -> String {
    sha256(text.as_bytes())[..ID_LETTERS].to_owned()
}

/// A shelf with room for a few.
#[derive(Debug)]
pub(super) struct Shelf<Key, Thing> {
    /// The one used last at the end.
    kept: Mutex<Vec<(Key, Arc<Thing>)>>,
    most: usize,
}

impl<Key: PartialEq, Thing> Shelf<Key, Thing> {
    /// An empty shelf.
    pub(super) fn new(most: usize) -> Shelf<Key, Thing> {
        Shelf { kept: Mutex::default(), most }
    }

    /// What is kept under a key.
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Thing>> {
        let mut kept = self.kept();
        let entry = taken(&mut kept, key)?;
        let found = Arc::clone(&entry.1);
        kept.push(entry);
        Some(found)
    }

    /// What is kept under a key, else a new thing; the one used longest ago makes room.
    pub(super) fn get_or_add(&self, key: Key, make: impl FnOnce() -> Arc<Thing>) -> Arc<Thing> {
        let mut kept = self.kept();
        let entry = taken(&mut kept, &key).unwrap_or_else(|| (key, make()));
        let found = Arc::clone(&entry.1);
        kept.push(entry);
        let surplus = kept.len().saturating_sub(self.most);
        kept.drain(..surplus);
        found
    }

    /// Makes room for another thing of the same key.
    pub(super) fn forget(&self, key: &Key) {
        taken(&mut self.kept(), key);
    }

    /// Everything, the one used last at the end.
    pub(super) fn all(&self) -> Vec<Arc<Thing>> {
        self.kept().iter().map(|(_, thing)| Arc::clone(thing)).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(Key, Arc<Thing>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a thing from its place, to be put at the end.
fn taken<Key: PartialEq, Thing>(kept: &mut Vec<(Key, Arc<Thing>)>, key: &Key) -> Option<(Key, Arc<Thing>)> {
    kept.iter().position(|(own, _)| own == key).map(|at| kept.remove(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_used_longest_ago_makes_room() {
        let shelf = Shelf::new(2);
        let first = shelf.get_or_add("a", || Arc::new(1));
        shelf.get_or_add("b", || Arc::new(2));
        assert!(Arc::ptr_eq(&first, &shelf.get_or_add("a", || Arc::new(4))));
        shelf.get_or_add("c", || Arc::new(3));
        assert!(shelf.get(&"b").is_none());
        let kept: Vec<i32> = shelf.all().iter().map(|thing| **thing).collect();
        assert_eq!(kept, [1, 3]);
    }
}
