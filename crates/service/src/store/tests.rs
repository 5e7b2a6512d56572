//! What is kept comes back as it was written, or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::records::{StoredAudit, Write};
use super::upkeep::{back_up, check_store, restore};
use super::*;
use lamplighter_core::model::Instant;
use rusqlite::Connection;

fn at(seconds: i64) -> Instant {
    Instant::from_millis(1_773_057_600_000 + 1_000 * seconds).expect("in range")
}

fn message(id: i64) -> Write {
    Write::Message(StoredMessage {
        id,
        at: at(id),
        property: ["acme", "lamps"][id as usize % 2].to_owned(),
        widget: "acme/orders".to_owned(),
        name: format!("Visitor {id}"),
        email: format!("visitor-{id}@example.com"),
        message: "Is it lit? ".repeat(id as usize),
    })
}

fn journal(seq: i64, action: &'static str) -> Write {
    let device = (seq != 3).then(|| "laptop".to_owned());
    let agent = "ann".to_owned();
    Write::Journal(JournalRow { seq, at: at(seq), action: action.into(), agent, device })
}

/// Some rows of every table.
fn everything() -> Vec<Write> {
    let account = |agent: &str| Write::Account {
        agent: agent.to_owned(),
        password: format!("$argon2id$v=19$m=8,t=1,p=1$c2FsdA${agent}"),
    };
    let document = |text: &str| format!("{{\"greetings\":{{\"online\":\"{text}\"}}}}");
    let token = |device: &str, byte: u8| Write::Token {
        agent: "ann".to_owned(),
        device: device.to_owned(),
        hash: [byte; 32],
    };
    let audit = |id: i64| {
        let (by, method, path) = ("olga", "PUT", format!("/v1/properties/acme-{id}"));
        let (by, method) = (by.to_owned(), method.to_owned());
        Write::Audit(StoredAudit { id, at: at(id), by, method, path })
    };
    vec![
        account("ann"),
        account("bob"),
        Write::Property { name: "acme".to_owned(), document: document("Hello") },
        Write::Property { name: "lamps".to_owned(), document: document("Good day") },
        Write::Widget { name: "acme/orders".to_owned(), document: document("An order?") },
        token("laptop", 0x5A),
        token("phone", 0xC3),
        journal(1, "login"),
        journal(2, "away"),
        Write::Snapshot(Snapshot { seq: 2, at: at(2), devices: "{}\nann,laptop,away".to_owned() }),
        journal(3, "logout"),
        message(1),
        message(2),
        message(3),
        Write::Fact("versions", "1000001".to_owned()),
        Write::Fact("admin-key", "ab".repeat(32)),
        audit(1),
        audit(2),
    ]
}

/// All that a store serves, as text.
fn served(path: &Path) -> Result<String, StoreError> {
    let mut store = SqliteStore::open(path)?;
    let mut stored = store.load()?;
    // A store that was brought up is declared in other words.
    stored.facts.remove("schema");
    let reader = store.reader();
    let mut rows = Vec::new();
    reader.journal(Instant::MIN, Instant::MAX, &mut |row| {
        rows.push(row);
        true
    })?;
    let messages = (reader.messages("acme", i64::MAX, 9)?, reader.messages("lamps", i64::MAX, 9)?);
    let audit = reader.audit("", i64::MAX, 9)?;
    Ok(format!("{stored:?} {rows:?} {messages:?} {audit:?} {:?}", store.fact("admin-key")?))
}

fn filled(path: &Path) -> String {
    let mut store = SqliteStore::open(path).expect("opens");
    store.commit(&everything()).expect("is kept");
    drop(store);
    served(path).expect("is sound")
}

/// One bit of so many is flipped; `LAMPLIGHTER_FLIPS=1` flips each.
fn every() -> usize {
    std::env::var("LAMPLIGHTER_FLIPS").ok().and_then(|flips| flips.parse().ok()).unwrap_or(41)
}

#[test]
fn no_flipped_bit_of_any_table_is_ever_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join("whole.db");
    let truth = filled(&whole);
    let bytes = fs::read(&whole).expect("reads");
    let harmed = folder.path().join("harmed.db");
    let (mut flips, mut refused) = (0, BTreeMap::<&str, usize>::new());
    // Where nothing is written a bit more harms nobody.
    let written = (0..bytes.len()).filter(|place| {
        let around = place.saturating_sub(2)..(place + 3).min(bytes.len());
        bytes[around].iter().any(|byte| *byte != 0)
    });
    let bits = written.flat_map(|place| (0..8).map(move |bit| (place, bit)));
    for (place, bit) in bits.step_by(every()) {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << bit;
        fs::write(&harmed, &flipped).expect("writes");
        flips += 1;
        match served(&harmed) {
            Ok(served) => assert_eq!(served, truth, "byte {place}, bit {bit} is served"),
            Err(error) => {
                let said = error.to_string();
                for table in super::table::TABLES {
                    if said.contains(&format!(" of {} is not what was written", table.name)) {
                        *refused.entry(table.name).or_default() += 1;
                    }
                }
            }
        }
        for suffix in ["-wal", "-shm"] {
            drop(fs::remove_file(format!("{}{suffix}", harmed.display())));
        }
    }
    println!("{flips} bits were flipped, none was served; refused by row: {refused:?}");
    for table in super::table::TABLES {
        assert!(refused.contains_key(table.name), "no row of {} was refused", table.name);
    }
}

#[test]
fn what_a_row_says_is_harmed_is_named_with_its_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lamplighter.db");
    for (change, said) in [
        (
            "UPDATE messages SET message = 'No' WHERE id = 2",
            "row 2 of messages is not what was written",
        ),
        (
            "UPDATE tokens SET hash = zeroblob(32) WHERE device = 'phone'",
            "row `ann`, `phone` of tokens",
        ),
        ("UPDATE properties SET document = '{}' WHERE name = 'acme'", "row `acme` of properties"),
        ("UPDATE accounts SET password = '' WHERE agent = 'bob'", "row `bob` of accounts"),
        ("UPDATE audit SET who = 'eve' WHERE id = 1", "row 1 of audit"),
        ("UPDATE journal SET agent = 'bob' WHERE seq = 3", "row 3 of the journal"),
        ("UPDATE snapshot SET devices = devices || ' '", "the snapshot is not what was written"),
    ] {
        drop(fs::remove_file(&path));
        filled(&path);
        Connection::open(&path).expect("opens").execute_batch(change).expect("is changed");
        let error = check_store(&path).expect_err(change).to_string();
        assert!(error.contains(said), "{change}: {error}");
        let error = served(&path).expect_err(change).to_string();
        assert!(error.contains(said), "{change}: {error}");
    }
}

/// A store as the first format had it.
fn of_the_first_format(path: &Path) {
    let connection = Connection::open(path).expect("opens");
    let tables = "
        CREATE TABLE accounts (agent TEXT PRIMARY KEY, password TEXT NOT NULL);
        CREATE TABLE properties (name TEXT PRIMARY KEY, document TEXT NOT NULL);
        CREATE TABLE widgets (name TEXT PRIMARY KEY, document TEXT NOT NULL);
        CREATE TABLE tokens (
            agent TEXT, device TEXT, hash BLOB NOT NULL, PRIMARY KEY (agent, device)
        ) WITHOUT ROWID;
        CREATE TABLE journal (
            seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, agent TEXT NOT NULL,
            device TEXT, sum INTEGER NOT NULL
        );
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, property TEXT NOT NULL, widget TEXT NOT NULL,
            name TEXT NOT NULL, email TEXT NOT NULL, message TEXT NOT NULL
        );
        CREATE INDEX messages_by_property ON messages (property, id);
        CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE snapshot (
            id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, at INTEGER NOT NULL,
            devices TEXT NOT NULL, sum INTEGER NOT NULL
        );
        PRAGMA application_id = 1281453424; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;";
    connection.execute_batch(tables).expect("makes tables");
}

#[test]
fn a_store_of_an_earlier_release_is_brought_up_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (new, old) = (folder.path().join("new.db"), folder.path().join("old.db"));
    filled(&new);
    Connection::open(&new).expect("opens").execute_batch("DELETE FROM audit").expect("is empty");
    let truth = served(&new).expect("is sound");
    of_the_first_format(&old);
    let connection = Connection::open(&old).expect("opens");
    connection.execute("ATTACH ? AS new", [new.to_str().expect("a path")]).expect("attaches");
    for (table, columns) in [
        ("accounts", "agent, password"),
        ("properties", "name, document"),
        ("widgets", "name, document"),
        ("tokens", "agent, device, hash"),
        ("journal", "seq, at, action, agent, device, sum"),
        ("messages", "id, at, property, widget, name, email, message"),
        ("facts", "name, value"),
        ("snapshot", "id, seq, at, devices, sum"),
    ] {
        let copy = format!("INSERT INTO main.{table} SELECT {columns} FROM new.{table} ORDER BY 1");
        connection.execute_batch(&copy).expect("copies");
    }
    drop(connection);
    let error = check_store(&old).expect_err("has no sums yet").to_string();
    assert!(error.contains("earlier release"), "{error}");
    assert_eq!(served(&old).expect("is brought up"), truth);
    assert_eq!(served(&old).expect("once"), truth);
    assert_eq!(check_store(&old).expect("is sound"), check_store(&new).expect("is sound"));
}

#[test]
fn a_copy_is_made_beside_a_service_and_put_back_and_none_of_what_is_harmed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let (store, copy) = (file("lamplighter.db"), file("copy.db"));
    filled(&store);
    let mut service = SqliteStore::open(&store).expect("opens");
    service.load().expect("reads");
    service.commit(&[message(4)]).expect("is kept");
    let checked = back_up(&store, &copy).expect("is copied");
    assert!(checked.rows.contains(&("messages", 4)), "{checked:?}");
    assert_eq!(checked.reached, Some(at(3)));
    let again = back_up(&store, &copy).expect_err("is there").to_string();
    assert!(again.contains("it is there already"), "{again}");
    service.commit(&[message(5)]).expect("is kept");
    let in_use = restore(&copy, &store, true).expect_err("in use");
    assert!(matches!(in_use, StoreError::InUse { .. }), "{in_use}");
    drop(service);
    let refused = restore(&copy, &store, false).expect_err("is there").to_string();
    assert!(refused.contains("--replace"), "{refused}");
    restore(&copy, &store, true).expect("is put back");
    let messages = |path: &Path| {
        let checked = check_store(path).expect("is sound");
        checked.rows.into_iter().find(|(table, _)| *table == "messages").expect("a table").1
    };
    assert_eq!((messages(&store), messages(&file("lamplighter.db.before"))), (4, 5));
    let stored = SqliteStore::open(&store).expect("opens").load().expect("reads");
    assert_eq!(stored.alive, Some(at(3)), "nobody was there since");

    let whole = fs::read(&copy).expect("reads");
    let connection = Connection::open(&copy).expect("opens");
    connection
        .execute_batch("UPDATE messages SET email = 'eve@x.org' WHERE id = 1")
        .expect("is changed");
    drop(connection);
    let before = fs::read(&store).expect("reads");
    for (what, error) in [
        ("restore", restore(&copy, &store, true).expect_err("is harmed")),
        ("backup", back_up(&copy, &file("other.db")).expect_err("is harmed")),
    ] {
        assert!(matches!(error, StoreError::Damaged { .. }), "{what}: {error}");
    }
    assert_eq!(fs::read(&store).expect("reads"), before, "nothing was put aside");
    assert!(!file("other.db").exists() && !file("other.db.part").exists());
    fs::write(&copy, &whole[..whole.len() / 2]).expect("writes");
    assert!(restore(&copy, &file("third.db"), false).is_err());
    fs::write(&copy, b"").expect("writes");
    let empty = check_store(&copy).expect_err("is empty").to_string();
    assert!(empty.contains("it is empty"), "{empty}");
}

#[test]
fn an_old_log_is_never_played_into_what_is_put_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let (store, copy) = (file("lamplighter.db"), file("copy.db"));
    filled(&store);
    back_up(&store, &copy).expect("is copied");
    // As `kill -9` leaves it: what was committed since stands in the log alone.
    let mut service = SqliteStore::open(&store).expect("opens");
    service.commit(&(4..60).map(message).collect::<Vec<_>>()).expect("is kept");
    let log = fs::read(file("lamplighter.db-wal")).expect("a log");
    drop(service);
    fs::remove_file(&store).expect("is removed");
    fs::write(file("lamplighter.db-wal"), &log).expect("writes");
    fs::write(file("lamplighter.db-shm"), [7; 32_768]).expect("writes");
    let into_it = back_up(&copy, &store).expect_err("a log is there").to_string();
    assert!(into_it.contains("lamplighter.db-wal"), "{into_it}");
    let told = restore(&copy, &store, false).expect("is put back");
    assert_eq!(check_store(&store).expect("is sound"), told);
    assert_eq!(check_store(&copy).expect("is sound"), told);
    assert_eq!(fs::read(file("lamplighter.db.before-wal")).expect("is put aside"), log);
    // A second one has nowhere to go, and changes nothing.
    fs::write(file("lamplighter.db-journal"), b"old").expect("writes");
    let again = restore(&copy, &store, true).expect_err("there is one").to_string();
    assert!(again.contains("before-wal") && again.contains("move it away"), "{again}");
    assert!(store.exists() && file("lamplighter.db-journal").exists());
}

#[test]
fn a_store_that_cannot_be_replaced_stays_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let (store, copy) = (file("lamplighter.db"), file("copy.db"));
    let truth = filled(&store);
    let itself = folder.path().join(".").join("lamplighter.db");
    let error = restore(&itself, &store, true).expect_err("itself").to_string();
    assert!(error.contains("is the store itself"), "{error}");
    assert_eq!(served(&store).expect("is still there"), truth);
    back_up(&store, &copy).expect("is copied");
    // The copy can be read, and cannot be written to its place.
    fs::create_dir(file("lamplighter.db.part")).expect("a folder in the way");
    restore(&copy, &store, true).expect_err("cannot be written");
    assert_eq!(served(&store).expect("is still there"), truth);
    assert!(!file("lamplighter.db.before").exists());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_no_store_and_nobody_waits_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("runs");
    assert!(made.success());
    for found in [pipe.as_path(), folder.path(), Path::new("/dev/null")] {
        let error = check_store(found).expect_err("no file").to_string();
        assert!(error.contains("no regular file"), "{error}");
    }
    let error = SqliteStore::open(&pipe).expect_err("no file").to_string();
    assert!(error.contains("no regular file"), "{error}");
}

#[test]
fn a_file_that_cannot_be_written_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lamplighter.db");
    filled(&path);
    // The header says that none but later releases of SQLite may write it.
    let mut bytes = fs::read(&path).expect("reads");
    bytes[18] = 3;
    fs::write(&path, bytes).expect("writes");
    let error = SqliteStore::open(&path).expect_err("cannot be written").to_string();
    assert!(error.contains("it can only be read"), "{error}");
    let error = SqliteStore::open(folder.path()).expect_err("a folder").to_string();
    assert!(error.contains("a file that can be read and written"), "{error}");
}
