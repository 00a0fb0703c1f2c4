//! The wire between CometBFT and the application: ABCI's socket protocol, on a Unix socket that
//! only this user can open.
//!
//! Each message is protobuf with its length before it as a varint. CometBFT opens four
//! connections; each is answered in order.

use std::io::{BufReader, BufWriter, Read, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use prost::Message as _;
use tendermint_proto::v0_38::abci::{Request, Response};

/// The longest message that is read: a block with room to spare.
const MAX_MESSAGE: usize = 16 << 20;
/// CometBFT opens four; a few more for one that comes back.
const MAX_CONNECTIONS: usize = 16;

/// Binds the socket in a folder that nobody else can enter.
pub(super) fn bind(path: &Path) -> std::io::Result<UnixListener> {
    // Whoever left it there is gone: the ledger's lock is ours.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    UnixListener::bind(path)
}

/// Answers connections for as long as the process lives.
pub(super) fn serve<A>(listener: &UnixListener, answer: A)
where
    A: Fn(Request) -> Response + Clone + Send + 'static,
{
    let live = std::sync::Arc::new(());
    for stream in listener.incoming().flatten() {
        if std::sync::Arc::strong_count(&live) > MAX_CONNECTIONS {
            continue;
        }
        let (answer, one) = (answer.clone(), live.clone());
        std::thread::spawn(move || {
            let _one = one;
            // An error of the connection ends it; CometBFT ends itself then.
            let _ = converse(&stream, &answer);
        });
    }
}

fn converse(stream: &UnixStream, answer: &impl Fn(Request) -> Response) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = BufWriter::new(stream);
    while let Some(request) = read(&mut reader)? {
        let flush = matches!(
            request.value,
            Some(tendermint_proto::v0_38::abci::request::Value::Flush(_))
        );
        writer.write_all(&answer(request).encode_length_delimited_to_vec())?;
        if flush || reader.buffer().is_empty() {
            writer.flush()?;
        }
    }
    Ok(())
}

pub(super) fn read(reader: &mut impl Read) -> std::io::Result<Option<Request>> {
    let Some(length) = read_length(reader)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    reader.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() != length {
        return Err(malformed());
    }
    Request::decode(bytes.as_slice())
        .map(Some)
        .map_err(|_| malformed())
}

fn read_length(reader: &mut impl Read) -> std::io::Result<Option<usize>> {
    let mut length = 0_usize;
    for position in 0..5 {
        let mut byte = [0];
        if reader.read(&mut byte)? == 0 {
            return if position == 0 {
                Ok(None)
            } else {
                Err(malformed())
            };
        }
        let [byte] = byte;
        length |= usize::from(byte & 0x7f) << (7 * position);
        if byte & 0x80 == 0 {
            return if length <= MAX_MESSAGE {
                Ok(Some(length))
            } else {
                Err(malformed())
            };
        }
    }
    Err(malformed())
}

fn malformed() -> std::io::Error {
    std::io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tendermint_proto::v0_38::abci::{RequestEcho, ResponseEcho, request, response};

    fn echo(request: Request) -> Response {
        let Some(request::Value::Echo(echo)) = request.value else {
            panic!("only echoes are sent here");
        };
        Response {
            value: Some(response::Value::Echo(ResponseEcho {
                message: echo.message,
            })),
        }
    }

    fn message(text: &str) -> Vec<u8> {
        Request {
            value: Some(request::Value::Echo(RequestEcho {
                message: text.to_owned(),
            })),
        }
        .encode_length_delimited_to_vec()
    }

    #[test]
    fn messages_are_answered_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let listener = bind(&folder.path().join("s")).unwrap();
        let mut caller = UnixStream::connect(folder.path().join("s")).unwrap();
        std::thread::spawn(move || serve(&listener, echo));
        let long = "x".repeat(100_000);
        caller
            .write_all(&[message("a"), message(&long)].concat())
            .unwrap();
        for expected in ["a", &long] {
            let length = read_length(&mut caller).unwrap().unwrap();
            let mut bytes = vec![0; length];
            caller.read_exact(&mut bytes).unwrap();
            let answer = Response::decode(bytes.as_slice()).unwrap();
            let Some(response::Value::Echo(answer)) = answer.value else {
                panic!("no echo");
            };
            assert_eq!(answer.message, expected);
        }
    }

    #[test]
    fn what_is_too_long_or_cut_is_not_read() {
        let long = (MAX_MESSAGE + 1) as u64;
        let mut varint = Vec::new();
        prost::encoding::encode_varint(long, &mut varint);
        assert!(read(&mut varint.as_slice()).is_err());
        assert!(read(&mut [0xff_u8; 12].as_slice()).is_err());
        let whole = message("abc");
        assert!(read(&mut whole.as_slice()).unwrap().is_some());
        for length in 1..whole.len() {
            assert!(read(&mut &whole[..length]).is_err(), "{length}");
        }
        assert!(read(&mut [].as_slice()).unwrap().is_none());
    }
}
