"""A small bot on livekit-agents 1.5.9 that plays a looping MP3 into its room: see README.md."""

import asyncio
import io
import logging

import aiohttp
import av
import numpy
from livekit import agents, rtc

SAMPLE_RATE = 48_000
GAIN = 0.6
FRAME_MS = 20
FRAME = SAMPLE_RATE * FRAME_MS // 1000


def decode(mp3: bytes) -> numpy.ndarray:
    """All of an MP3: 48 kHz mono s16, gain applied."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with av.open(io.BytesIO(mp3)) as container:
        parts = [
            piece.to_ndarray().flatten()
            for frame in container.decode(audio=0)
            for piece in resampler.resample(frame)
        ]
    return (numpy.concatenate(parts) * GAIN).astype(numpy.int16)


async def download(url: str) -> bytes:
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            response.raise_for_status()
            return await response.read()


async def play(source: rtc.AudioSource, url: str) -> None:
    samples = decode(await download(url))
    while True:
        for start in range(0, len(samples) - FRAME + 1, FRAME):
            data = samples[start : start + FRAME].tobytes()
            await source.capture_frame(rtc.AudioFrame(data, SAMPLE_RATE, 1, FRAME))


async def entrypoint(job: agents.JobContext) -> None:
    await job.connect(auto_subscribe=agents.AutoSubscribe.SUBSCRIBE_NONE)
    source = rtc.AudioSource(SAMPLE_RATE, 1)
    track = rtc.LocalAudioTrack.create_audio_track("media", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO)
    await job.room.local_participant.publish_track(track, options)
    playing: asyncio.Task | None = None
    newest: str | None = None

    def obey(participant: rtc.Participant) -> None:
        nonlocal playing, newest
        command_id = participant.attributes.get("media.command_id")
        if command_id is None or command_id == newest:
            return
        newest = command_id
        if playing is not None:
            playing.cancel()
            source.clear_queue()
        if participant.attributes.get("media.command") == "play":
            playing = asyncio.create_task(play(source, participant.attributes["media.asset_url"]))

    job.room.on("participant_attributes_changed", lambda _changed, person: obey(person))
    job.room.on("participant_connected", obey)
    for person in job.room.remote_participants.values():
        obey(person)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    agents.cli.run_app(
        agents.WorkerOptions(
            entrypoint_fnc=entrypoint,
            agent_name="media-bot",
            num_idle_processes=2,
            # Else LiveKit would give it no call while the machine is busy, with other things too.
            load_fnc=lambda: 0.0,
            port=0,
        )
    )
