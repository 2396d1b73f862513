import Testing

@testable import Isolation

/// Where a call wants to go, as a fence reads it.
@Suite struct CalledAddressTests {
    private func four(_ address: [UInt8], _ port: UInt16) -> [UInt8] {
        [2, 0, UInt8(port >> 8), UInt8(port & 0xFF)] + address + [UInt8](repeating: 0, count: 8)
    }

    private func six(_ address: [UInt8], _ port: UInt16) -> [UInt8] {
        [10, 0, UInt8(port >> 8), UInt8(port & 0xFF), 0, 0, 0, 0] + address + [0, 0, 0, 0]
    }

    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    @Test func `Loopback is loopback in every spelling, and nothing else is`() {
        let inside = [
            four([127, 0, 0, 1], 80), four([127, 255, 0, 9], 1), four([0, 0, 0, 0], 80), six(zeros(15) + [1], 80),
            six(zeros(16), 80), six(zeros(10) + [255, 255, 127, 0, 0, 1], 80),
        ]
        for bytes in inside { #expect(CalledAddress(bytes)?.isLoopback == true, "\(bytes)") }
        let outside = [
            four([126, 0, 0, 1], 80), four([128, 0, 0, 1], 80), four([1, 0, 0, 127], 80),
            six([1] + zeros(14) + [1], 80),
            six(zeros(15) + [2], 80), six(zeros(10) + [255, 255, 1, 1, 1, 1], 80),
            six([0xFE, 0x80] + zeros(13) + [1], 1),
            [1, 0] + Array("/run/a".utf8) + [0], [16, 0, 0, 0],
        ]
        for bytes in outside { #expect(CalledAddress(bytes)?.isLoopback == false, "\(bytes)") }
    }

    @Test func `Addresses are told as people write them`() {
        #expect(CalledAddress(four([1, 2, 3, 4], 443))?.text == "1.2.3.4:443")
        #expect(
            CalledAddress(six([0x26, 6, 0x47, 0] + zeros(10) + [0x11, 0x11], 443))?.text == "[2606:4700::1111]:443"
        )
        #expect(CalledAddress(six(zeros(15) + [1], 53))?.text == "[::1]:53")
        #expect(CalledAddress(six(zeros(10) + [255, 255, 1, 1, 1, 1], 80))?.text == "1.1.1.1:80")
        #expect(CalledAddress([1, 0] + Array("/run/a.sock".utf8) + [0, 9, 9])?.text == "/run/a.sock")
        #expect(CalledAddress([1, 0, 0] + Array("name".utf8))?.text == "@name")
        #expect(CalledAddress([40, 0] + zeros(14))?.text == "address family 40")
    }

    @Test func `What is too short is nothing`() {
        for bytes in [[], [2], Array(four([1, 1, 1, 1], 1).prefix(15)), Array(six(zeros(16), 1).prefix(23))]
            as [[UInt8]]
        {
            #expect(CalledAddress(bytes) == nil)
        }
        #expect(CalledAddress([1, 0])?.text == "")
    }
}
