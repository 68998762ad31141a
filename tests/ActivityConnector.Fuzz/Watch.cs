using System.Text;

namespace ActivityConnector.Fuzz;

/// <summary>Keeps the input that is read in a file, which is there after a crash, and ends the process when one takes too long.</summary>
internal sealed class Watch : IDisposable
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(20);

    private readonly FileStream _file;
    private readonly ITimer _timer;
    private long _began;

    public Watch(string path)
    {
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _timer = TimeProvider.System.CreateTimer(_ => Look(), null, Most, TimeSpan.FromSeconds(1));
    }

    public void Begin(string target, byte[] input)
    {
        // The operating system has it, whatever becomes of this process.
        _file.Position = 0;
        _file.Write([.. Encoding.UTF8.GetBytes(target + "\n"), .. input]);
        _file.SetLength(_file.Position);
        Volatile.Write(ref _began, TimeProvider.System.GetTimestamp());
    }

    public void End() => Volatile.Write(ref _began, 0);

    public void Dispose()
    {
        _timer.Dispose();
        _file.Dispose();
    }

    private void Look()
    {
        if (Volatile.Read(ref _began) is not (> 0 and var began) || TimeProvider.System.GetElapsedTime(began) < Most) return;

        Console.Error.WriteLine($"An input was read for more than {Most.TotalSeconds} s; it is in {_file.Name}, behind the name of its target.");
        Environment.Exit(2);
    }
}
