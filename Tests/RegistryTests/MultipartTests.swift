import Testing

@testable import Registry

@Suite struct MultipartTests {
    private let form = UploadForm("app", "1.0", content: Array("a\r\n------purser\r\n-x\r\n\r\n".utf8))

    /// The parts with their whole contents, fed in pieces of the given sizes.
    private func parts(_ body: [UInt8], piece: Int) throws -> [(name: String, file: String?, content: [UInt8])] {
        var reader = try #require(MultipartReader(contentType: form.contentType))
        var parts: [(name: String, file: String?, content: [UInt8])] = []
        var rest = body[...]
        while !rest.isEmpty {
            for event in try reader.feed(Array(rest.prefix(piece))) {
                switch event {
                case .part(let name, let file): parts.append((name, file, []))
                case .content(let bytes): parts[parts.count - 1].content += bytes
                case .partEnd: break
                }
            }
            rest = rest.dropFirst(piece)
        }
        #expect(reader.isComplete)
        return parts
    }

    @Test(arguments: [1, 2, 3, 7, 16, 100, 1_000_000])
    func readsTheSameHoweverTheBytesCome(piece: Int) throws {
        let parts = try parts(form.bytes, piece: piece)
        #expect(parts.dropLast().map(\.name) == form.fields.map(\.name))
        #expect(parts.dropLast().map { String(decoding: $0.content, as: UTF8.self) } == form.fields.map(\.value))
        #expect(parts.last?.file == form.file)
        #expect(parts.last?.content == form.content)
    }

    @Test(arguments: [1, 5, 1_000]) func readsEmptyParts(piece: Int) throws {
        var empty = form
        empty.fields = [("name", ""), ("version", "")]
        empty.content = []
        let parts = try parts(empty.bytes, piece: piece)
        #expect(parts.map(\.name) == ["name", "version", "content"])
        #expect(parts.count { !$0.content.isEmpty } == 0)
    }

    @Test func everyCutIsSeen() throws {
        let body = form.bytes
        for end in 0..<(body.count - 2) {
            var reader = try #require(MultipartReader(contentType: form.contentType))
            _ = try reader.feed(Array(body[..<end]))
            #expect(!reader.isComplete, "after \(end) bytes")
        }
    }

    @Test(arguments: [
        "", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x",
        "multipart/form-data; boundary=\"x", "multipart/form-data; boundary=x; boundary=y",
        "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
        "multipart/form-data; boundary=\"a\u{7F}b\"",
    ])
    func refusesContentTypesWithoutOneLawfulBoundary(type: String) {
        #expect(MultipartReader(contentType: type) == nil)
    }

    @Test(arguments: [
        "preamble\r\n--b\r\n", "--b--\r\nepilogue", "--bX\r\n", "--b\r\nno header\r\n\r\n",
        "--b\r\nContent-Disposition: form-data\r\n\r\n", "--b\r\nContent-Disposition: attachment; name=\"x\"\r\n\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"x\"; name=\"y\"\r\n\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"x\"\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"x\r\n\r\n",
    ])
    func refusesMalformedForms(text: String) throws {
        var reader = try #require(MultipartReader(contentType: "multipart/form-data; boundary=b"))
        #expect(throws: MultipartReader.Failure.self) { try reader.feed(Array(text.utf8)) }
    }

    @Test func countsParts() throws {
        var reader = try #require(MultipartReader(contentType: "multipart/form-data; boundary=b"))
        let part = Array("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nv\r\n".utf8)
        for _ in 0..<1_000 { _ = try reader.feed(part) }
        #expect(throws: MultipartReader.Failure.tooManyParts(1_000)) { try reader.feed(part) }
    }

    @Test func limitsTheHeadOfAPart() throws {
        var reader = try #require(MultipartReader(contentType: "multipart/form-data; boundary=b"))
        _ = try reader.feed(Array("--b\r\n".utf8))
        #expect(throws: MultipartReader.Failure.self) {
            for _ in 0..<100 { _ = try reader.feed(Array(repeating: UInt8(ascii: "x"), count: 1_000)) }
        }
    }

    @Test func noiseNeverTraps() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("\r\n-b:;=\"\\ Content-Disposition: form-data; name=".utf8)
        for _ in 0..<2_000 {
            guard var reader = MultipartReader(contentType: "multipart/form-data; boundary=b") else { return }
            let count = Int.random(in: 0..<200, using: &generator)
            let noise = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            _ = try? reader.feed(Array("--b\r\n".utf8) + noise)
            _ = try? reader.feed(noise)
        }
    }
}
