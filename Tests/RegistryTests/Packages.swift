import Core
import Storage

/// A wheel as a build backend writes it: a zip with stored entries, its metadata among them.
func wheel(
    _ name: String = "app",
    _ version: String = "1.0",
    inside: (name: String, version: String)? = nil,
    content: String = "print('hello')\n"
) -> [UInt8] {
    let (innerName, innerVersion) = inside ?? (name, version)
    let info = "\(innerName.replacing("-", with: "_"))-\(innerVersion).dist-info"
    let metadata = "Metadata-Version: 2.1\nName: \(innerName)\nVersion: \(innerVersion)\nRequires-Python: >=3.9\n\n"
    return zip([
        ("\(name)/__init__.py", content),
        ("\(info)/METADATA", metadata),
        ("\(info)/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        ("\(info)/RECORD", "\(name)/__init__.py,,\n\(info)/METADATA,,\n\(info)/WHEEL,,\n\(info)/RECORD,,\n"),
    ])
}

private func zip(_ entries: [(name: String, text: String)]) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
        let (name, content) = (Array(entry.name.utf8), Array(entry.text.utf8))
        let offset = UInt32(bytes.count)
        let sizes = little(checksum(content)) + little(UInt32(content.count)) + little(UInt32(content.count))
        let shared = [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0] + sizes + little(UInt16(name.count)) + [0, 0]
        bytes += [0x50, 0x4B, 3, 4] + shared + name + content
        directory += [0x50, 0x4B, 1, 2, 20, 0] + shared + [0, 0, 0, 0, 0, 0] + [0, 0, 0, 0] + little(offset) + name
    }
    let count = little(UInt16(entries.count))
    let place = little(UInt32(directory.count)) + little(UInt32(bytes.count))
    return bytes + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + place + [0, 0]
}

private func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
}

private func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value: UInt32 = .max
    for byte in bytes {
        value ^= UInt32(byte)
        for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~value
}

/// An upload as twine sends it.
struct UploadForm {
    var fields: [(name: String, value: String)]
    var file: String
    var content: [UInt8]
    var boundary = "----purser-test-boundary"

    init(_ name: String = "app", _ version: String = "1.0", file: String? = nil, content: [UInt8]? = nil) {
        let bytes = content ?? wheel(name, version)
        self.content = bytes
        self.file = file ?? "\(name.replacing("-", with: "_"))-\(version)-py3-none-any.whl"
        fields = [
            (":action", "file_upload"), ("protocol_version", "1"), ("metadata_version", "2.1"), ("name", name),
            ("version", version), ("filetype", "bdist_wheel"), ("pyversion", "py3"), ("requires_python", ">=3.9"),
            ("sha256_digest", Digest.sha256(of: bytes).hex),
        ]
    }

    var contentType: String { "multipart/form-data; boundary=\(boundary)" }

    var bytes: [UInt8] {
        var body: [UInt8] = []
        for field in fields {
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(field.name)\"\r\n\r\n".utf8
            body += field.value.utf8
            body += "\r\n".utf8
        }
        body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"content\"; filename=\"\(file)\"\r\n".utf8
        body += "Content-Type: application/octet-stream\r\n\r\n".utf8
        return body + content + Array("\r\n--\(boundary)--\r\n".utf8)
    }
}

extension RegistryScratch {
    func upload(_ form: UploadForm, to path: String = "/main/dev/pypi/legacy/", token: String?) async throws -> Answer {
        try await send("POST", path, token: token, headers: ["Content-Type": form.contentType], body: form.bytes)
    }
}
