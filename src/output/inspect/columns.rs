//! A course over time in a bounded number of columns, whatever its length: when all are taken, each two become one.

/// A value that stands for a stretch of time, and can be joined with that of the next stretch.
pub(crate) trait Join {
    /// Takes the next stretch in; both are of the same length, but the last one of a course.
    fn join(&mut self, next: &Self);
}

/// Columns of equal length; the last one may be shorter.
#[derive(Clone, Debug)]
pub(crate) struct Columns<T> {
    whole: Vec<T>,
    /// The column that is being filled, and the number of its items.
    open: Option<(T, u64)>,
    /// Items of a whole column.
    each: u64,
    /// An even number.
    most: usize,
}

impl<T: Join> Columns<T> {
    /// At most `most` columns, an even number; there are at least half as many once there are so many items.
    pub(crate) fn new(most: usize) -> Self {
        Self { whole: Vec::new(), open: None, each: 1, most: most.next_multiple_of(2).max(2) }
    }

    /// Takes the next item.
    pub(crate) fn push(&mut self, item: T) {
        let (column, items) = match self.open.take() {
            None => (item, 1),
            Some((mut column, items)) => {
                column.join(&item);
                (column, items + 1)
            }
        };
        if items < self.each {
            self.open = Some((column, items));
            return;
        }
        self.whole.push(column);
        if self.whole.len() == self.most {
            self.halve();
        }
    }

    fn halve(&mut self) {
        let mut columns = std::mem::take(&mut self.whole).into_iter();
        while let (Some(mut column), Some(next)) = (columns.next(), columns.next()) {
            column.join(&next);
            self.whole.push(column);
        }
        self.each *= 2;
    }

    /// Items of a whole column.
    pub(crate) fn items_each(&self) -> u64 {
        self.each
    }

    /// All columns in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.whole.iter().chain(self.open.as_ref().map(|(column, _)| column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[derive(Clone, Debug, PartialEq)]
    struct Sum(u64);

    impl Join for Sum {
        fn join(&mut self, next: &Self) {
            self.0 += next.0;
        }
    }

    #[test]
    fn columns_stay_few_and_nothing_is_lost() {
        each([0_u64, 1, 3, 4, 5, 7, 8, 9, 1_000, 4_097], |items| {
            let mut columns = Columns::new(4);
            (0..items).for_each(|_| columns.push(Sum(1)));
            let found: Vec<u64> = columns.iter().map(|sum| sum.0).collect();
            assert_eq!(found.iter().sum::<u64>(), items, "{items}: {found:?}");
            assert!(found.len() <= 4, "{items}: {found:?}");
            let (last, whole) = found.split_last().unwrap_or((&0, &[]));
            assert!(whole.iter().all(|sum| *sum == columns.items_each()), "{items}: {found:?}");
            assert!(*last <= columns.items_each(), "{items}: {found:?}");
            assert!(items < 4 || found.len() >= 2, "{items}: {found:?}");
        });
    }
}
