// SPDX-License-Identifier: Apache-2.0
// Writes files as a storage server in Java does: java Storing.java FOLDER

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Random;

class Storing {
  static final int SIZE = 3_000_001, PIECE = 8192;
  static final byte[] BYTES = new byte[SIZE];

  // As StoRM's WebDAV server does with a body: pieces of 8 KiB, one after the other.
  static void inPieces(Path file) throws IOException {
    try (FileOutputStream to = new FileOutputStream(file.toFile())) {
      for (int at = 0; at < SIZE; at += PIECE) to.write(BYTES, at, Math.min(PIECE, SIZE - at));
    }
  }

  // As it does with a range of a body, and a transfer in several streams does.
  static void here(RandomAccessFile to, int at) throws IOException {
    to.seek(at);
    to.write(BYTES, at, Math.min(PIECE, SIZE - at));
  }

  static void withSeeks(Path file) throws IOException {
    try (RandomAccessFile to = new RandomAccessFile(file.toFile(), "rw")) {
      for (int at = SIZE / PIECE * PIECE; at >= 0; at -= 2 * PIECE) here(to, at);
      for (int at = SIZE / PIECE * PIECE - PIECE; at >= 0; at -= 2 * PIECE) here(to, at);
    }
  }

  static void atItsLength(Path file) throws IOException {
    try (RandomAccessFile to = new RandomAccessFile(file.toFile(), "rw")) {
      to.setLength(SIZE);
      for (int at = 0; at < SIZE; at += PIECE) here(to, at);
    }
  }

  static void transferred(Path from, Path file) throws IOException {
    try (FileInputStream source = new FileInputStream(from.toFile());
        FileOutputStream to = new FileOutputStream(file.toFile())) {
      to.getChannel().transferFrom(source.getChannel(), 0, SIZE);
    }
  }

  static void mapped(Path file) throws IOException {
    try (RandomAccessFile to = new RandomAccessFile(file.toFile(), "rw")) {
      MappedByteBuffer memory = to.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, SIZE);
      memory.put(BYTES);
      memory.force();
    }
  }

  static void fromDirectMemory(Path file) throws IOException {
    ByteBuffer memory = ByteBuffer.allocateDirect(64 << 10);
    try (FileChannel to = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (int at = 0; at < SIZE; at += memory.capacity()) {
        memory.clear().put(BYTES, at, Math.min(memory.capacity(), SIZE - at)).flip();
        while (memory.hasRemaining()) to.write(memory);
      }
      to.force(true);
    }
  }

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    new Random(7).nextBytes(BYTES);
    inPieces(folder.resolve("in-pieces"));
    withSeeks(folder.resolve("with-seeks"));
    atItsLength(folder.resolve("at-its-length"));
    transferred(folder.resolve("in-pieces"), folder.resolve("transferred"));
    mapped(folder.resolve("mapped"));
    fromDirectMemory(folder.resolve("from-direct-memory"));
    inPieces(folder.resolve("in-pieces.part"));
    Files.move(folder.resolve("in-pieces.part"), folder.resolve("moved"), StandardCopyOption.ATOMIC_MOVE);
  }
}
