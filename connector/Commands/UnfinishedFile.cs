using System.Text;
using ActivityConnector.Configuration;
using ActivityConnector.Terminals;

namespace ActivityConnector.Commands;

/// <summary>
/// A file that a command writes at its end. Whether it can be written is known at the beginning; it is there as a whole or not at all; only its owner
/// may read it.
/// </summary>
internal sealed class UnfinishedFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _path;

    private UnfinishedFile(FileStream stream, string path) => (_stream, _path) = (stream, path);

    /// <param name="path">Where it will be; a file that is there is replaced at the end.</param>
    /// <param name="option">The option that named it, for the text of the exception.</param>
    /// <exception cref="CommandFailedException">It cannot be made.</exception>
    public static UnfinishedFile Create(string path, string option)
    {
        var folder = Path.GetDirectoryName(path);
        var problem = folder is null || Directory.Exists(path) ? "it is a folder" : Directory.Exists(folder) ? null : $"there is no folder {folder}";
        try
        {
            var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

            if (problem is null) return new UnfinishedFile(new FileStream($"{path}.{Guid.NewGuid():N}.tmp", how), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e is UnauthorizedAccessException ? $"access to the folder {folder} is denied" : FileProblem.Describe(e);
        }

        throw new CommandFailedException(ExitCodes.Failed, $"{path} cannot be written: {problem}. Give another {option}.");
    }

    /// <exception cref="CommandFailedException">There is no room for it, or its place is taken.</exception>
    public void Finish(string text)
    {
        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(text));
            _stream.Dispose();
            File.Move(_stream.Name, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCodes.Failed, $"{_path} cannot be written: {FileProblem.Describe(e)}. Make room for it, or give another one.");
        }
    }

    /// <summary>Leaves nothing behind when it was not finished.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        if (File.Exists(_stream.Name)) File.Delete(_stream.Name);
    }
}
