//! The speed that a server is started with, which Wyoming has no field for.

use super::talk::{Client, say, sound, started};
use crate::common::TestEnv;

#[test]
fn a_server_speaks_at_the_speed_that_it_was_started_with() {
    let env = TestEnv::new();
    let lengths = ["1", "2"].map(|speed| {
        let (server, address) = started(&env, &["--speed", speed]);
        let mut client = Client::of(address);
        client.send(&say(super::PARAGRAPHS));
        let length = sound(&client.until("audio-stop")).len();
        server.stop();
        length
    });
    // Pauses stay about as long as they are.
    assert!((1.3..2.1).contains(&(lengths[0] as f64 / lengths[1] as f64)), "{lengths:?}");
}
