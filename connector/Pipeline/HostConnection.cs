using System.Net;
using System.Net.Sockets;

namespace ActivityConnector.Pipeline;

/// <summary>
/// Connects to a host that may have several addresses: the next one is tried a moment after the one before, or at once when that one has failed,
/// and the first that answers is used (RFC 8305). One dead address costs a quarter of a second, not the connection.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class HostConnection(TimeProvider time)
{
    /// <summary>RFC 8305 calls it the Connection Attempt Delay.</summary>
    private static readonly TimeSpan NextAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>, whose time limit ends it.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = InTurn(await Dns.GetHostAddressesAsync(host, cancellationToken));
        return new NetworkStream(await ConnectAsync(addresses, port, cancellationToken), ownsSocket: true);
    }

    /// <summary>The socket that connects first.</summary>
    /// <exception cref="SocketException">None connects; it is the failure of the first.</exception>
    internal async Task<Socket> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (attempts, waiting) = (new List<Task<Socket>>(), new List<Task<Socket>>());
        Task<Socket>? first = null;
        try
        {
            while (true)
            {
                if (attempts.Count < addresses.Count)
                {
                    attempts.Add(AttemptAsync(addresses[attempts.Count], port, stop.Token));
                    waiting.Add(attempts[^1]);
                }
                else if (waiting.Count == 0)
                {
                    return await attempts[0];
                }

                // An attempt that fails at once is as good a reason as the moment that has passed.
                var next = Task.Delay(attempts.Count < addresses.Count ? NextAfter : Timeout.InfiniteTimeSpan, time, stop.Token);
                var ended = await Task.WhenAny(waiting.Append(next));
                cancellationToken.ThrowIfCancellationRequested();
                if (ended is not Task<Socket> attempt) continue;

                if (attempt.IsCompletedSuccessfully) return await (first = attempt);

                waiting.Remove(attempt);
            }
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var other in attempts.Where(a => a != first)) _ = CloseAsync(other);
        }
    }

    /// <summary>The system's order, which is the order of preference (RFC 6724), with the two families in turn.</summary>
    internal static IReadOnlyList<IPAddress> InTurn(IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count == 0) throw new SocketException((int)SocketError.HostNotFound);

        var preferred = addresses.Where(a => a.AddressFamily == addresses[0].AddressFamily).ToList();
        var others = addresses.Except(preferred).ToList();
        return [.. Enumerable.Range(0, addresses.Count).SelectMany(i => preferred.Skip(i).Take(1).Concat(others.Skip(i).Take(1)))];
    }

    private static async Task<Socket> AttemptAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>An attempt that connects after another one did.</summary>
    private static async Task CloseAsync(Task<Socket> attempt)
    {
        await ((Task)attempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (attempt.IsCompletedSuccessfully) (await attempt).Dispose();
    }
}
