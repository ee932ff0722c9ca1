using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace AudioMLNet.Benchmarks.Serving;

/// <summary>The sample's server in a process of its own.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
        Address = new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}");
    }

    public int Port { get; }

    public Uri Address { get; }

    /// <summary>Starts the server with models by name, and waits until it is ready.</summary>
    public static async Task<ServerProcess> Start(IReadOnlyDictionary<string, string> models, params string[] options)
    {
        string program = Assembly.Load("ListeningServer").Location;
        int port = FreePort();
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && OneThread.IsHost ? host : "dotnet");
        string[] arguments =
        [
            "exec", program, "--urls", $"http://127.0.0.1:{port}", "--Logging:LogLevel:Default", "Warning",
            .. models.SelectMany(model => new[] { $"--Listening:Models:{model.Key}", model.Value }), .. options,
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var server = new ServerProcess(Process.Start(start)!, port);
        using var client = new HttpClient { BaseAddress = server.Address };
        while (true)
        {
            try
            {
                using HttpResponseMessage ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
                if (ready.IsSuccessStatusCode)
                {
                    return server;
                }
            }
            catch (HttpRequestException) when (!server._process.HasExited)
            {
                // It has not begun to listen.
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Megabytes that are resident.</summary>
    public double Memory()
    {
        _process.Refresh();
        return _process.WorkingSet64 / 1e6;
    }

    /// <summary>Asks the server to stop, as a container's engine does.</summary>
    public void Terminate()
    {
        using Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)])!;
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> Ended()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
