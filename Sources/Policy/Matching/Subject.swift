internal import Core

/// A purl in the form that patterns are compared with; made once a verdict.
struct Subject {
    let purl: Purl
    let key: String

    init(_ purl: Purl) {
        self.purl = purl
        key = purl.registryKey
    }
}
