using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>
/// The windows that are being read, in order of time. The first one is handed out next; those behind it are read meanwhile, as far as their share of the
/// memory goes.
/// </summary>
/// <remarks>Not thread-safe: the windows are read at once, but one caller starts them and takes them.</remarks>
/// <param name="windows">Reads them.</param>
/// <param name="most">How many are read at once.</param>
/// <param name="cancellationToken">Ends all of them.</param>
internal sealed class WindowQueue(IntercomWindows windows, int most, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly Queue<(PlannedWindow Window, BatchBuilder Batch, ReadAhead? Ahead, Task<IntercomWindows.Reading> Reading)> _queue = [];
    private readonly Stack<BatchBuilder> _batches = [];
    private ReadAhead? _ahead;

    public int Count => _queue.Count;

    /// <summary>The last one that was started.</summary>
    public PlannedWindow Last { get; private set; }

    /// <summary>Begins to read the window whose turn it is.</summary>
    public void Start(PlannedWindow window) => Start(window, ahead: null);

    /// <summary>Begins to read a window before its turn, which follows the last one. All of them together hold no more than one batch.</summary>
    /// <param name="window">What is read.</param>
    /// <param name="isSearch">See <see cref="ReadAhead.IsSearch"/>.</param>
    public void StartAhead(PlannedWindow window, bool isSearch)
    {
        if (_ahead?.IsSearch != isSearch) _ahead = new ReadAhead((int)(BatchBuilder.MostBytes / most)) { IsSearch = isSearch };

        Start(window, _ahead);
    }

    /// <summary>The first one, as soon as it is read. Its batch is valid until another is started or all are dropped.</summary>
    public async ValueTask<(PlannedWindow Window, BatchBuilder Batch, IntercomWindows.Reading Reading)> TakeAsync()
    {
        var (window, batch, _, task) = _queue.Dequeue();
        _batches.Push(batch);
        var reading = await task;
        if (reading.Outcome == IntercomWindows.Outcome.TooMuchAhead)
        {
            reading = await windows.ReadAsync(window.Window, batch, window.Attempts, ahead: null, cancellationToken);
        }

        return (window, batch, reading);
    }

    /// <summary>Gives up those that are not taken yet, once their requests under way are answered.</summary>
    public async ValueTask DropAsync()
    {
        foreach (var (_, _, ahead, _) in _queue) ahead?.Drop();

        while (_queue.TryDequeue(out var dropped))
        {
            await ((Task)dropped.Reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            dropped.Batch.Clear();
            _batches.Push(dropped.Batch);
        }

        _ahead = null;
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        foreach (var batch in _batches) batch.Clear();
    }

    private void Start(PlannedWindow window, ReadAhead? ahead)
    {
        var batch = _batches.TryPop(out var free) ? free : new BatchBuilder("intercom");
        _queue.Enqueue((window, batch, ahead, windows.ReadAsync(window.Window, batch, window.Attempts, ahead, cancellationToken)));
        Last = window;
    }
}

/// <summary>A window as it is to be read.</summary>
/// <param name="Window">What is read.</param>
/// <param name="Width">The seconds it was allowed to have.</param>
/// <param name="Attempts">How often a request may fail.</param>
internal readonly record struct PlannedWindow(TimeWindow Window, long Width, int Attempts);
