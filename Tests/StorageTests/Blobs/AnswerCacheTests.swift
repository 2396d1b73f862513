import JSONText
import Storage
import TestKit
import Testing

@Suite struct AnswerCacheTests {
    @Test func keepsANoteUnderItsKeyAlone() throws {
        let scratch = try Scratch()
        let cache = try AnswerCache(folder: scratch("answers"))
        let key = "index\nhttps://registry.test/" + String(repeating: "x", count: 10_000)
        try cache.keep(.string("one"), for: key)
        #expect(cache.note(key)?.string == "one")
        #expect(cache.note(key + "y") == nil)
        try cache.keep(.string("two"), for: key)
        #expect(cache.note(key)?.string == "two")
        // A note that lies under another key's name answers for neither.
        let file = try #require(scratch.files(below: "answers").first)
        try cache.keep(.string("three"), for: "other")
        let other = try #require(scratch.files(below: "answers").first { $0 != file })
        try scratch.write(try scratch.read("answers/\(file)"), to: "answers/\(other)")
        #expect(cache.note("other") == nil)
    }

    @Test(arguments: ["", "{", "null", "{\"key\":\"k\"}", "{\"key\":\"k\",\"note\""])
    func aDamagedNoteIsALostOne(_ text: String) throws {
        let scratch = try Scratch()
        let cache = try AnswerCache(folder: scratch("answers"))
        try cache.keep(.string("one"), for: "k")
        let file = try #require(scratch.files(below: "answers").first)
        try scratch.write(Array(text.utf8), to: "answers/\(file)")
        #expect(cache.note("k") == nil)
    }
}
