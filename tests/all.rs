//! All tests of the real binary and of the library from outside, as one program: it is built in a fraction of the time that forty take, and a
//! test that waits lets another one work.

#![forbid(unsafe_code)]

mod common;
#[path = "../src/net/tests/site.rs"]
mod site;

mod architecture;
mod bad_input;
mod bad_place;
mod batch;
mod captions;
mod cluster;
mod copied;
mod digest;
mod explain;
mod fast;
mod faults;
mod feed;
mod formats;
mod gate;
mod hostile_pages;
mod inspect;
mod kokoro_parity;
mod kokoro_text_side;
mod letter_to_sound;
mod lexicon;
mod library;
mod licences;
mod live;
mod mastering;
mod mixed_voices;
mod morning;
mod newsroom;
mod old_processor;
mod page;
mod pages;
mod podcast;
mod quotations;
mod read;
mod release;
mod remembered;
mod repairs;
mod serve;
mod settings;
mod spoken;
mod tags;
mod terminal;
mod threads;
mod voice_damage;
mod watch;
mod web;
