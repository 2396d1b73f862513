import Testing

@testable import Isolation

/// What names are inside a seal.
@Suite struct NameServerTests {
    private let server = NameServer(
        address: { $0 == "bad name" ? nil : $0 == "localhost" ? 0x7F00_0001 : 0x7F01_0005 },
        name: { $0 == 0x7F01_0005 ? "a.example" : nil }
    )

    private func query(_ name: String, _ kind: UInt16, flags: UInt8 = 1, count: UInt8 = 1) -> [UInt8] {
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
        return [0xAB, 0xCD, flags, 0, 0, count, 0, 0, 0, 0, 0, 0] + labels + [
            UInt8(kind >> 8), UInt8(kind & 255), 0, 1,
        ]
    }

    @Test func `Every name has one address, for a second`() throws {
        let asked = query("A.Example", 1)
        let answer = try #require(server.answer(asked))
        #expect(answer[..<4] == [0xAB, 0xCD, 0x85, 0x80])
        #expect(answer[4..<12] == [0, 1, 0, 1, 0, 0, 0, 0])
        #expect(Array(answer[12..<asked.count]) == Array(asked[12...]))
        #expect(answer.suffix(16) == [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 1, 0, 5])
    }

    @Test(arguments: [28, 65, 64, 33, 15, 16, 2, 6] as [UInt16])
    func `A name has nothing but its address, and says so without denying itself`(_ kind: UInt16) throws {
        let answer = try #require(server.answer(query("_http._tcp.a.example", kind)))
        #expect(answer[3] & 0x0F == 0)
        #expect(answer[7] == 0)
    }

    @Test func `The machine's own name has both of its addresses`() throws {
        #expect(try #require(server.answer(query("localhost", 1))).suffix(4) == [127, 0, 0, 1])
        #expect(try #require(server.answer(query("localhost", 28))).last == 1)
    }

    @Test func `An address leads back to its name`() throws {
        let answer = try #require(server.answer(query("5.0.1.127.in-addr.arpa", 12)))
        #expect(answer.suffix(11) == [1, 97, 7, 101, 120, 97, 109, 112, 108, 101, 0])
        #expect(try #require(server.answer(query("8.8.8.8.in-addr.arpa", 12)))[3] & 0x0F == 3)
    }

    @Test func `What is no query is answered with nothing, what is a bad one with an error`() throws {
        #expect(server.answer([]) == nil)
        #expect(server.answer(query("a.example", 1, flags: 0x81)) == nil)
        #expect(try #require(server.answer(query("a.example", 1, flags: 0x10)))[3] & 0x0F == 4)
        #expect(try #require(server.answer(query("a.example", 1, count: 2)))[3] & 0x0F == 1)
        let whole = query("a.example", 1)
        for count in 12..<whole.count { #expect(server.answer(Array(whole[..<count]))?[3] == 0x81) }
        var state: UInt64 = 7
        for _ in 0..<2_000 {
            let noise = (0..<40).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
            _ = server.answer(noise)
        }
    }

    @Test func `Over a stream each message stands behind its length`() {
        let one = query("a.example", 1)
        let framed = [0, UInt8(one.count)] + one
        var bytes = framed + framed + [0]
        let said = server.answers(&bytes)
        #expect(bytes == [0])
        #expect(said.count == 2 * (2 + one.count + 16))
    }
}
