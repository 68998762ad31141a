using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>Stands where a broker says it is: a request of one kind can be held on its way, let through, or lost, or its answer lost.</summary>
public sealed class KafkaProxy : IAsyncDisposable
{
    public const short Produce = 0;
    public const short JoinGroup = 11;
    public const short InitProducerId = 22;
    public const short EndTransaction = 26;

    /// <summary>A request that was to be held and never comes ends the test, not the run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Task _accepting;
    private (short Kind, TaskCompletionSource<HeldRequest> Held)? _wanted;

    public KafkaProxy()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Where the broker really listens.</summary>
    public int Broker { get; set; }

    /// <summary>The next request of this kind, stopped before the broker has seen it.</summary>
    /// <exception cref="TimeoutException">None came.</exception>
    public Task<HeldRequest> HoldNextAsync(short kind)
    {
        var held = new TaskCompletionSource<HeldRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _wanted = (kind, held);
        }

        return held.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var broker = new TcpClient();
        using (client)
        {
            try
            {
                await broker.ConnectAsync(IPAddress.Loopback, Broker, _stop.Token);
                client.NoDelay = broker.NoDelay = true;
                var lost = new ConcurrentDictionary<int, HeldRequest>();
                await Task.WhenAny(
                    PassRequestsAsync(client.GetStream(), broker.GetStream(), lost), PassAnswersAsync(broker.GetStream(), client.GetStream(), lost));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The broker is down: so is this.
            }
        }
    }

    private async Task PassRequestsAsync(NetworkStream client, NetworkStream broker, ConcurrentDictionary<int, HeldRequest> lost)
    {
        while (true)
        {
            // Length, kind, version, number, and the rest.
            var request = await ReadAsync(client);
            if (Take(BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(4))) is { } held)
            {
                var fate = await held.FateAsync(_stop.Token);
                if (fate == RequestFate.Lost) return;

                if (fate == RequestFate.AnswerLost) lost[BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(8))] = held;
            }

            await broker.WriteAsync(request, _stop.Token);
        }
    }

    private async Task PassAnswersAsync(NetworkStream broker, NetworkStream client, ConcurrentDictionary<int, HeldRequest> lost)
    {
        while (true)
        {
            var answer = await ReadAsync(broker);
            if (lost.TryRemove(BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(4)), out var held))
            {
                held.Answered();
                return;
            }

            await client.WriteAsync(answer, _stop.Token);
        }
    }

    private async Task<byte[]> ReadAsync(NetworkStream stream)
    {
        var length = new byte[4];
        await stream.ReadExactlyAsync(length, _stop.Token);
        var frame = new byte[4 + BinaryPrimitives.ReadInt32BigEndian(length)];
        length.CopyTo(frame, 0);
        await stream.ReadExactlyAsync(frame.AsMemory(4), _stop.Token);
        return frame;
    }

    private HeldRequest? Take(short kind)
    {
        lock (_gate)
        {
            if (_wanted is not var (wanted, held) || wanted != kind) return null;

            _wanted = null;
            var request = new HeldRequest();
            held.SetResult(request);
            return request;
        }
    }
}

/// <summary>A request that a <see cref="KafkaProxy"/> has stopped; nothing follows it on its connection until its fate is known.</summary>
public sealed class HeldRequest
{
    private readonly TaskCompletionSource<RequestFate> _fate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetThrough() => _fate.SetResult(RequestFate.Through);

    /// <summary>The broker never sees it; its connection ends.</summary>
    public void Lose() => _fate.SetResult(RequestFate.Lost);

    /// <summary>The broker does what it asks for, and the connection ends before the answer. Completes when the broker has given it.</summary>
    public Task LoseAnswerAsync()
    {
        _fate.SetResult(RequestFate.AnswerLost);
        return _answered.Task;
    }

    internal Task<RequestFate> FateAsync(CancellationToken cancellationToken) => _fate.Task.WaitAsync(cancellationToken);

    internal void Answered() => _answered.SetResult();
}

internal enum RequestFate
{
    Through,
    Lost,
    AnswerLost,
}
