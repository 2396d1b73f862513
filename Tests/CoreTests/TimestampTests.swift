import Core
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2024-01-17T16:53:12.779164Z", 1_705_510_392),
        ("2024-01-17T16:53:12", 1_705_510_392),
        ("2024-01-17 17:53:12+01:00", 1_705_510_392), ("2024-02-29", 1_709_164_800), ("1969-12-31T23:59:59Z", -1),
        ("0001-01-01T00:00:00Z", -62_135_596_800), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ])
    func readsWhatRegistriesWrite(text: String, seconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.seconds == seconds)
    }

    @Test(arguments: ["1970-01-01T00:00:00Z", "2000-02-29T12:00:01Z", "2026-11-21T14:24:26Z", "0001-01-01T00:00:00Z"])
    func printsWhatItRead(text: String) {
        #expect(Timestamp(rfc3339: text)?.description == text)
        #expect(Timestamp(rfc3339: text)?.day == String(text.prefix(10)))
    }

    @Test(arguments: [
        "", "2024", "2024-13-01", "2024-00-01", "2024-01-00", "2023-02-29", "2024-02-30", "2024-04-31",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00X", "2024-01-01T00:00:00Zz", "20240101",
        "yesterday",
        "0000-01-01", "2024-01-01T00:00:00+9:00", "２０２４-01-01",
        // Beyond the years that are printed with four digits.
        "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z", "0001-01-01T00:00:00+00:01",
    ])
    func refusesWhatIsNoTime(text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test func readsAndPrintsHTTPDates() {
        let text = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(Timestamp(httpDate: text)?.seconds == 784_111_777)
        #expect(Timestamp(seconds: 784_111_777).httpDate == text)
        #expect(Timestamp(seconds: -1).httpDate == "Wed, 31 Dec 1969 23:59:59 GMT")
        for bad in [
            "", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 6 Nov 94 8:49:37 GMT",
            "Fri, 31 Dec 9999 23:59:60 GMT",
        ] {
            #expect(Timestamp(httpDate: bad) == nil)
        }
    }
}
