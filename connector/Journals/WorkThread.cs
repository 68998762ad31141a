using System.Collections.Concurrent;
using System.Diagnostics;

namespace ActivityConnector.Journals;

/// <summary>
/// One connection on a thread of its own: SQLite blocks on the disk and librdkafka on the network, and neither a pool thread nor a lock
/// should wait with them.
/// </summary>
/// <remarks>Thread-safe. Work runs in the order in which it was given; what has begun is finished, also when its caller gives up.</remarks>
internal sealed class WorkThread<TConnection> : IAsyncDisposable
    where TConnection : IDisposable
{
    private readonly BlockingCollection<Action<TConnection>> _work = [];
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WorkThread(string name, Func<TConnection> open) =>
        new Thread(() => Run(open)) { Name = name, IsBackground = true }.Start();

    public static async ValueTask<WorkThread<TConnection>> OpenAsync(string name, Func<TConnection> open)
    {
        var thread = new WorkThread<TConnection>(name, open);
        await thread._opened.Task;
        return thread;
    }

    public async ValueTask<T> RunAsync<T>(Func<TConnection, T> work, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var span = Activity.Current;
        var taken = TryPost(connection =>
        {
            if (cancellationToken.IsCancellationRequested)
            {
                done.SetCanceled(cancellationToken);
                return;
            }

            // What the work makes known of itself belongs to its caller's span.
            Activity.Current = span;
#pragma warning disable CA1031 // The caller gets it, whatever it is.
            try
            {
                done.SetResult(work(connection));
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
#pragma warning restore CA1031
        });
        ObjectDisposedException.ThrowIf(!taken, this);
        return await done.Task;
    }

    public async ValueTask RunAsync(Action<TConnection> work, CancellationToken cancellationToken) => await RunAsync(
        connection =>
        {
            work(connection);
            return true;
        },
        cancellationToken);

    /// <summary>Gives work that no caller waits for and that must not throw; false once the connection is being closed.</summary>
    public bool TryPost(Action<TConnection> work)
    {
        try
        {
            _work.Add(work);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Finishes what was given so far, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _work.CompleteAdding();
        await _ended.Task;
    }

    private void Run(Func<TConnection> open)
    {
#pragma warning disable CA1031 // Reported to the caller that opened it.
        try
        {
            using var connection = open();
            _opened.SetResult();
            foreach (var work in _work.GetConsumingEnumerable()) work(connection);
        }
        catch (Exception e)
        {
            _opened.TrySetException(e);
        }
#pragma warning restore CA1031
        finally
        {
            _work.CompleteAdding();
            _ended.SetResult();
        }
    }
}
