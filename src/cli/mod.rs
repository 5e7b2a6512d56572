//! temp
use std::sync::Arc;
/// temp
pub fn main() {
    let zones = Arc::new(crate::hours::Zones::bundled());
    let mut summary = crate::report::text::Summary::default();
    let began = std::time::Instant::now();
    let mut out = std::io::stdout().lock();
    for path in std::env::args().skip(1) {
        let v = crate::scenario::run(path.as_ref(), &std::fs::read(&path).unwrap(), &zones, Default::default());
        summary.add(&v);
        crate::report::text::verdict(&mut out, &v).unwrap();
    }
    crate::report::text::summary(&mut out, &summary, began.elapsed()).unwrap();
}
