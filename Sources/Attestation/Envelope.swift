public import Core
internal import JSONText

/// A statement and its signatures (DSSE v1), in the one spelling that we write.
public struct Envelope: Hashable, Sendable {
    /// One signature and the key that is said to have made it.
    public struct Signature: Hashable, Sendable {
        public let keyID: String
        public let bytes: [UInt8]

        public init(keyID: String, bytes: [UInt8]) {
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    public static let statementType = "application/vnd.in-toto+json"

    public let payloadType: String
    public let payload: [UInt8]
    public let signatures: [Signature]

    public init(payloadType: String, payload: [UInt8], signatures: [Signature]) {
        self.payloadType = payloadType
        self.payload = payload
        self.signatures = signatures
    }

    /// Signs a statement with each key.
    public init(signing statement: Statement, with keys: [SigningKey]) throws(Problem) {
        let payload = statement.canonicalBytes()
        let message = Envelope.preAuthenticationEncoding(type: Envelope.statementType, payload: payload)
        var signatures: [Signature] = []
        for key in keys { signatures.append(Signature(keyID: key.keyID, bytes: try key.sign(message))) }
        self.init(payloadType: Envelope.statementType, payload: payload, signatures: signatures)
    }

    /// Reads exactly what `canonicalBytes` prints; another spelling of it is refused too.
    public init(parsing bytes: [UInt8], maximumBytes: Int = 16 << 20) throws(Malformed) {
        self = try document(bytes, maximumBytes: maximumBytes, Envelope.read)
        guard bytes == canonicalBytes() else { throw Malformed("is not written in its canonical form (RFC 8785)") }
    }

    public func canonicalBytes() -> [UInt8] {
        let json: JSON = [
            "payloadType": .string(payloadType),
            "payload": .string(Base64.encode(payload)),
            "signatures": .array(
                signatures.map { ["keyid": .string($0.keyID), "sig": .string(Base64.encode($0.bytes))] }
            ),
        ]
        return json.canonicalBytes()
    }

    /// What is signed: type and payload with their lengths, so that neither can pass for a part of the other.
    public static func preAuthenticationEncoding(type: String, payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
    }

    var message: [UInt8] { Envelope.preAuthenticationEncoding(type: payloadType, payload: payload) }

    /// The statement inside, **believed by nobody yet**: for showing it, never for deciding. See `verify`.
    public func unverifiedStatement() throws(Malformed) -> Statement {
        guard payloadType == Envelope.statementType else {
            throw Malformed("holds '\(payloadType)', not an in-toto statement")
        }
        return try Statement(parsing: payload)
    }

    private static func read(_ fields: inout JSONFields) throws(JSONFieldError) -> Envelope {
        Envelope(
            payloadType: try fields.required("payloadType").string(),
            payload: try fields.required("payload").text("base64", Base64.decode),
            signatures: try fields.required("signatures").list(Signature.read)
        )
    }
}

extension Envelope.Signature {
    fileprivate static func read(_ field: JSONField) throws(JSONFieldError) -> Envelope.Signature {
        try field.object { fields throws(JSONFieldError) in
            Envelope.Signature(
                keyID: try fields.required("keyid").string(),
                bytes: try fields.required("sig").text("base64", Base64.decode)
            )
        }
    }
}
