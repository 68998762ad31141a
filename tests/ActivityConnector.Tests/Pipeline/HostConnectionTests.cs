using System.Net;
using System.Net.Sockets;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>A host with several addresses, some of them dead.</summary>
public sealed class HostConnectionTests : IDisposable
{
    private readonly Socket _live = Listening(IPAddress.Loopback, 0, backlog: 10);
    private readonly List<Socket> _others = [];

    private int Port => ((IPEndPoint)_live.LocalEndPoint!).Port;

    public void Dispose()
    {
        _live.Dispose();
        _others.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task An_address_that_refuses_is_followed_by_the_next()
    {
        using var socket = await Connection.ConnectAsync([IPAddress.Parse("127.0.0.7"), IPAddress.Loopback], Port, default);

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, Port), socket.RemoteEndPoint);
    }

    [Fact]
    public async Task An_address_that_does_not_answer_is_followed_by_the_next()
    {
        var silent = Silent(IPAddress.Parse("127.0.0.8"));

        using var socket = await Connection.ConnectAsync([silent, IPAddress.Loopback], Port, default);

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, Port), socket.RemoteEndPoint);
    }

    [Fact]
    public async Task When_none_connects_the_failure_of_the_first_is_told()
    {
        // A connection to the broadcast address is not allowed.
        var failure = await Assert.ThrowsAsync<SocketException>(() =>
            Connection.ConnectAsync([IPAddress.Parse("127.0.0.7"), IPAddress.Broadcast], Port, default));

        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
        failure = await Assert.ThrowsAsync<SocketException>(() =>
            Connection.ConnectAsync([IPAddress.Broadcast, IPAddress.Parse("127.0.0.7")], Port, default));
        Assert.NotEqual(SocketError.ConnectionRefused, failure.SocketErrorCode);
    }

    [Fact]
    public async Task What_takes_too_long_is_given_up()
    {
        var (silent, other) = (Silent(IPAddress.Parse("127.0.0.8")), Silent(IPAddress.Parse("127.0.0.9")));
        var time = new ManualTimeProvider();
        using var stop = new CancellationTokenSource();
        var connecting = new HostConnection(time).ConnectAsync([silent, other], Port, stop.Token);

        // The first attempt has begun, and the moment for the second one.
        await time.NextTimerAsync();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public void The_two_families_take_turns_and_the_preferred_one_begins() =>
        Assert.Equal(
            ["::1", "10.0.0.1", "::2", "10.0.0.2", "::3"],
            HostConnection.InTurn([.. new[] { "::1", "::2", "::3", "10.0.0.1", "10.0.0.2" }.Select(IPAddress.Parse)]).Select(a => a.ToString()));

    private static HostConnection Connection => new(TimeProvider.System);

    private static Socket Listening(IPAddress address, int port, int backlog)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen(backlog);
        return socket;
    }

    /// <summary>An address whose queue is full, so that the system answers nothing more.</summary>
    private IPAddress Silent(IPAddress address)
    {
        _others.Add(Listening(address, Port, backlog: 0));
        for (var i = 0; i < 4; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _others.Add(client);
            _ = client.ConnectAsync(new IPEndPoint(address, Port)).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        return address;
    }
}
