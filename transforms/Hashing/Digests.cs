using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace ActivityConnector.Transforms;

/// <summary>How many messages are hashed at once.</summary>
internal enum DigestPath
{
    OneByOne,
    EightLanes,
    SixteenLanes,
}

/// <summary>
/// SHA-256 of many short messages at once, one in each lane of the machine's vectors. The platform has no such call, and its own one
/// costs more to set up than a record's few blocks do: with two digests for each event it would be a third of all mapping.
/// </summary>
/// <remarks>Messages are copied when they are added; digests are there after <see cref="Compute"/>. Not thread-safe.</remarks>
internal sealed class Digests(DigestPath path)
{
    /// <summary>A longer message gains nothing from company: it is hashed when it is added.</summary>
    private const int MaxBlocks = 64;

    /// <summary>Fewer messages leave most lanes empty.</summary>
    private const int Few = 4;

    private byte[] _blocks = new byte[64 * 1024];
    private Message[] _messages = new Message[64];
    private int[] _order = new int[64];
    private byte[] _digests = new byte[64 * Sha256Constants.DigestBytes];
    private int _waiting;

    /// <summary>The widest path of this machine.</summary>
    public static DigestPath BestPath
        => SixteenLanes.IsSupported ? DigestPath.SixteenLanes : EightLanes.IsSupported ? DigestPath.EightLanes : DigestPath.OneByOne;

    public int Count { get; private set; }

    /// <summary>The bytes of the messages that wait.</summary>
    public int Bytes { get; private set; }

    public ReadOnlySpan<byte> this[int message] => DigestOf(message);

    /// <summary>Adds a message that comes in three parts, of which any may be empty, and gives its number.</summary>
    public int Add(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        if (Count == _messages.Length)
        {
            Array.Resize(ref _messages, Count * 2);
            Array.Resize(ref _order, Count * 2);
            Array.Resize(ref _digests, Count * 2 * Sha256Constants.DigestBytes);
        }

        var length = (long)first.Length + second.Length + third.Length;
        if (length > (MaxBlocks * Sha256Constants.BlockBytes) - 9)
        {
            HashNow(first, second, third);
            return Count++;
        }

        var blocks = ((int)length + 9 + Sha256Constants.BlockBytes - 1) / Sha256Constants.BlockBytes;
        var padded = Room(blocks * Sha256Constants.BlockBytes);
        padded[(int)length..].Clear();
        first.CopyTo(padded);
        second.CopyTo(padded[first.Length..]);
        third.CopyTo(padded[(first.Length + second.Length)..]);
        padded[(int)length] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(padded[^8..], length * 8);
        _messages[Count] = new(Bytes, (int)length, blocks);
        Bytes += padded.Length;
        _waiting++;
        return Count++;
    }

    /// <summary>Hashes what was added.</summary>
    public void Compute()
    {
        if (_waiting < Few || path == DigestPath.OneByOne)
        {
            HashOneByOne();
        }
        else if (path == DigestPath.SixteenLanes)
        {
            HashInLanes<SixteenLanes, Vector512<uint>>();
        }
        else
        {
            HashInLanes<EightLanes, Vector256<uint>>();
        }
    }

    public void Clear() => Count = Bytes = _waiting = 0;

    private Span<byte> DigestOf(int message) => _digests.AsSpan(message * Sha256Constants.DigestBytes, Sha256Constants.DigestBytes);

    private Span<byte> Room(int bytes)
    {
        if (_blocks.Length - Bytes < bytes)
        {
            Array.Resize(ref _blocks, Math.Max(_blocks.Length * 2, Bytes + bytes));
        }

        return _blocks.AsSpan(Bytes, bytes);
    }

    private void HashNow(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(first);
        sha.AppendData(second);
        sha.AppendData(third);
        sha.GetHashAndReset(DigestOf(Count));
        _messages[Count] = default;
    }

    private void HashOneByOne()
    {
        for (var i = 0; i < Count; i++)
        {
            var message = _messages[i];
            if (message.Blocks > 0)
            {
                SHA256.HashData(_blocks.AsSpan(message.Start, message.Length), DigestOf(i));
            }
        }
    }

    /// <summary>Takes as many messages as there are lanes at a time; sorted, they are of about the same length.</summary>
    private void HashInLanes<TLanes, TVector>()
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        SortLongestFirst();
        var lanes = TLanes.Count;
        Span<uint> state = stackalloc uint[8 * lanes];
        Span<int> starts = stackalloc int[lanes];
        for (var first = 0; first < _waiting; first += lanes)
        {
            var group = _order.AsSpan(first, Math.Min(lanes, _waiting - first));
            Start(group, starts, state);
            var done = 0;
            for (var lane = group.Length - 1; lane >= 0; lane--)
            {
                var blocks = _messages[group[lane]].Blocks;
                if (blocks > done)
                {
                    LaneCompression<TLanes, TVector>.Run(ref MemoryMarshal.GetArrayDataReference(_blocks), starts, done, blocks, state);
                    done = blocks;
                }

                Finish(state[lane..], lanes, DigestOf(group[lane]));
                starts[lane] = starts[0];
            }
        }
    }

    /// <summary>A lane without a message hashes the longest one too, for nothing, as does one whose message has ended: that text is always there.</summary>
    private void Start(ReadOnlySpan<int> group, Span<int> starts, Span<uint> state)
    {
        for (var lane = 0; lane < starts.Length; lane++)
        {
            starts[lane] = _messages[group[lane < group.Length ? lane : 0]].Start;
        }

        for (var word = 0; word < 8; word++)
        {
            state.Slice(word * starts.Length, starts.Length).Fill(Sha256Constants.InitialState[word]);
        }
    }

    private static void Finish(ReadOnlySpan<uint> state, int stride, Span<byte> digest)
    {
        for (var word = 0; word < 8; word++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest[(word * 4)..], state[word * stride]);
        }
    }

    /// <summary>The lanes of a group then end at about the same time, the last one first.</summary>
    private void SortLongestFirst()
    {
        Span<int> places = stackalloc int[MaxBlocks + 1];
        places.Clear();
        for (var i = 0; i < Count; i++)
        {
            places[_messages[i].Blocks]++;
        }

        var place = 0;
        for (var blocks = MaxBlocks; blocks > 0; blocks--)
        {
            (places[blocks], place) = (place, place + places[blocks]);
        }

        for (var i = 0; i < Count; i++)
        {
            if (_messages[i].Blocks > 0)
            {
                _order[places[_messages[i].Blocks]++] = i;
            }
        }
    }

    /// <summary>Where a message stands in the buffer; no blocks for one that is hashed already.</summary>
    private readonly record struct Message(int Start, int Length, int Blocks);
}
