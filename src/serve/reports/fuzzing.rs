//! The files of a report, for `crate::fuzzing`.

use super::state::State;
use crate::order::Order;

/// An order, or how far a report is. What is written must be read back as it was.
pub(in crate::serve) fn kept(bytes: &[u8]) {
    if let Ok(order) = serde_json::from_slice::<Order>(bytes) {
        std::hint::black_box((order.speed(), order.format()));
        let again = serde_json::to_vec(&order).and_then(|bytes| serde_json::from_slice::<Order>(&bytes));
        assert_eq!(again.ok().as_ref(), Some(&order));
    }
    if let Ok(state) = serde_json::from_slice::<State>(bytes) {
        std::hint::black_box((state.status.is_final(), state.told("0")));
    }
}
