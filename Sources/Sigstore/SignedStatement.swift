internal import Attestation
internal import Core
internal import JSONText

extension SignedStatement {
    /// What a signature over an envelope is a signature of.
    static func signedBytes(type: String, payload: [UInt8]) -> [UInt8] {
        Envelope.preAuthenticationEncoding(type: type, payload: payload)
    }

    init(type: String, payload: [UInt8]) throws(Malformed) {
        guard type == Envelope.statementType else { throw Malformed("signs '\(type)', which is no statement") }
        let json = try JSON.reading(payload, "the statement")
        let kind = try json.text("_type")
        guard kind == "https://in-toto.io/Statement/v1" || kind == "https://in-toto.io/Statement/v0.1" else {
            throw Malformed("signs a statement of a kind that is not read here")
        }
        var subjects: [Subject] = []
        for subject in json.list("subject") {
            let digests = (subject["digest"]?.members ?? [:]).compactMap { name, value in
                Digest.Algorithm(rawValue: name).flatMap { Digest($0, hex: value.string ?? "") }
            }
            subjects.append(Subject(name: try subject.text("name"), digests: digests.sorted()))
        }
        guard !subjects.isEmpty else { throw Malformed("signs a statement about nothing") }
        self.init(predicateType: try json.text("predicateType"), subjects: subjects)
    }
}
