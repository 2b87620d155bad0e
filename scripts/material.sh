#!/usr/bin/env bash
# Makes the bundled track again, in every format: tests/material/track/.
# Needs ffmpeg, flac, lame and opusenc (package opus-tools). The composition is the same on every machine;
# the encoders' versions show in the files, which is why they are kept in the repository.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in ffmpeg flac lame opusenc; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: install ffmpeg, flac, lame and opus-tools." >&2; exit 1; }
done

track=tests/material/track
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$track"
rm -f "$track"/*

master=$work/lanterns.wav
cargo run --release --quiet -p rusty-audio-compose -- "$master"

convert() { ffmpeg -hide_banner -loglevel error -nostdin -y "$@"; }
exact=(-map_metadata -1 -fflags +bitexact -flags:a +bitexact)
title=(-metadata "title=Lanterns" -metadata "artist=Rusty Audio")

# The whole piece.
flac --silent --best --tag=TITLE=Lanterns --tag="ARTIST=Rusty Audio" -o "$track/lanterns.flac" "$master"
lame --quiet -b 128 "$master" "$track/lanterns-cbr.mp3"
lame --quiet -V 4 "$master" "$track/lanterns-vbr.mp3"
lame --quiet -V 4 -t "$master" "$track/lanterns-untagged.mp3"
convert -i "$master" "${exact[@]}" "${title[@]}" -c:a libvorbis -q:a 4 "$track/lanterns.ogg"
# Perceptual noise substitution draws from a generator, so that a decode after a seek never has the same bits: off.
convert -i "$master" "${exact[@]}" "${title[@]}" -c:a aac -aac_pns 0 -b:a 128k -movie_timescale 44100 -movflags +faststart "$track/lanterns-aac.m4a"
convert -i "$master" "${exact[@]}" -c:a aac -aac_pns 0 -b:a 128k -f adts "$track/lanterns.aac"
convert -i "$master" "${exact[@]}" "${title[@]}" -c:a alac -movie_timescale 44100 "$track/lanterns-alac.m4a"
opusenc --quiet --serial 1 --discard-comments --bitrate 96 "$master" "$track/lanterns.opus"

# Excerpts of one second and a bit. The odd gain fills the bits below the master's sixteenth.
excerpt=(-i "$master" "${exact[@]}" -af "atrim=start_sample=441000:end_sample=496125,aformat=sample_fmts=dbl,volume=0.7773:precision=double")
for depth in u8 s16le s24le s32le f32le; do
  convert "${excerpt[@]}" -c:a "pcm_$depth" "$track/excerpt-$depth.wav"
done
convert "${excerpt[@]}" -c:a pcm_s16be "$track/excerpt-s16be.aiff"
convert "${excerpt[@]}" -c:a pcm_s24be "$track/excerpt-s24be.aiff"
convert -i "$master" "${exact[@]}" -af "atrim=start_sample=441000:end_sample=496125,pan=mono|c0=c0" -c:a pcm_s16le "$track/excerpt-mono.wav"
# Six different channels: left, right, centre, bass, and two surrounds that are shifted in time.
convert -i "$master" "${exact[@]}" -filter_complex "
  [0]atrim=start_sample=441000:end_sample=474074,asetpts=PTS-STARTPTS[front];
  [0]atrim=start_sample=882000:end_sample=915074,asetpts=PTS-STARTPTS,pan=4c|c0=0.7*c0+0.3*c1|c1=0.5*c1|c2=c1|c3=c0[rest];
  [front][rest]amerge,pan=5.1|c0=c0|c1=c1|c2=c2|c3=c3|c4=c4|c5=c5" -c:a pcm_s16le "$track/excerpt-surround.wav"

du -ch "$track"/* | tail -n 1
