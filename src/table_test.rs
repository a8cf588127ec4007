//! Table tests: one check, many rows.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Checks every row of a table, and fails with the messages of all rows that failed.
#[track_caller]
pub(crate) fn each<T>(rows: impl IntoIterator<Item = T>, mut check: impl FnMut(T)) {
    let (mut count, mut failures) = (0, Vec::new());
    for row in rows {
        count += 1;
        if let Err(cause) = catch_unwind(AssertUnwindSafe(|| check(row))) {
            let text = cause.downcast_ref::<String>().map(String::as_str);
            let said = text.or(cause.downcast_ref::<&str>().copied()).unwrap_or("a panic");
            failures.push(format!("row {count}: {said}"));
        }
    }
    assert!(failures.is_empty(), "{} of {count} rows fail:\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn every_failing_row_is_reported() {
    let failure =
        catch_unwind(|| each([1, 2, 3, 4], |row| assert!(row % 2 == 0, "{row} is odd"))).unwrap_err();
    let report = failure.downcast_ref::<String>().unwrap();
    assert!(report.starts_with("2 of 4 rows fail:"), "{report}");
    assert!(report.contains("row 1: 1 is odd") && report.contains("row 3: 3 is odd"), "{report}");
}
