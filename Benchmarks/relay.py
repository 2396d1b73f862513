"""A relay that delays every segment by the same time each way: what a distant registry feels like.

relay.py PORT TARGET_PORT MILLISECONDS_EACH_WAY
A connection costs one round trip before its first byte moves, as TCP's handshake does.
"""

import asyncio
import sys


async def carry(reader, writer, delay):
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue(maxsize=1024)

    async def deliver():
        while True:
            due, segment = await queue.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if segment is None:
                break
            writer.write(segment)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    delivery = asyncio.create_task(deliver())
    try:
        while segment := await reader.read(65536):
            await queue.put((loop.time() + delay, segment))
        await queue.put((loop.time() + delay, None))
        await delivery
    except (ConnectionError, OSError):
        delivery.cancel()
        writer.close()


async def main(port, target, delay):
    async def serve(reader, writer):
        try:
            await asyncio.sleep(2 * delay)
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, far_writer, delay), carry(far_reader, writer, delay))
        far_writer.close()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000))
